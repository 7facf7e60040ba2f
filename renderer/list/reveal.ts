import { useEffect, useRef, useState } from 'react';
import { after } from '#common/timer.ts';
import { useRevealed } from '../state/route.ts';

/** A row that the address names; another object each time it is asked for. */
export interface Reveal {
  readonly id: string;
}

/** How long a row that was asked for is marked. */
const markedMs = 2000;

/** What the address names now, anew also when the same is asked for again. */
export function useRevealRequest(): Reveal | null {
  const id = useRevealed();
  const [request, setRequest] = useState<Reveal | null>(null);
  useEffect(() => {
    const ask = () => setRequest(id === null ? null : { id });
    ask();
    window.addEventListener('hashchange', ask);
    return () => window.removeEventListener('hashchange', ask);
  }, [id]);
  return request;
}

/**
 * Brings the row of that key into view, focuses the first thing in it that takes the focus, and answers with its key for a
 * moment, so that it can be marked. Rows carry `data-key`. A row that comes later is shown when it comes.
 */
export function useReveal(
  request: Reveal | null,
  keys: readonly string[],
  scrollTo: (index: number) => void,
): string | null {
  const open = useRef<Reveal>(null);
  const seen = useRef<Reveal>(null);
  const [marked, setMarked] = useState<string | null>(null);
  if (request !== seen.current) {
    seen.current = request;
    open.current = request;
  }
  useEffect(() => {
    const wanted = open.current;
    if (wanted === null) return;
    const index = keys.indexOf(wanted.id);
    if (index < 0) return;
    const row = document.querySelector(`[data-key="${CSS.escape(wanted.id)}"]`);
    scrollTo(index);
    // A row that is not in the page yet is with one of the next renders.
    if (row === null) return;
    open.current = null;
    row.querySelector<HTMLElement>('button, a')?.focus({ preventScroll: true });
    setMarked(wanted.id);
  });
  useEffect(() => {
    if (marked === null) return;
    return after(markedMs, () => setMarked(null)).cancel;
  }, [marked]);
  return marked;
}
