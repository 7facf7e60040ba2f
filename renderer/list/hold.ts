import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

/** How long after the latest pointer move or key press the list may move again: a pointer may be parked there all day. */
const holdMs = 10_000;

/** How often a table that stands by a live column is sorted anew. */
const turnMs = 30_000;

export interface Hold {
  readonly onPointerMove: () => void;
  readonly onPointerLeave: () => void;
  readonly onKeyDown: () => void;
}

/** Whether the reader works in a list, which is to hold still meanwhile, and the handlers of the list that tell it. */
export function useHold(): readonly [boolean, Hold] {
  const [held, setHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const release = useCallback(() => {
    clearTimeout(timer.current);
    setHeld(false);
  }, []);
  const hold = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(release, holdMs);
    setHeld(true);
  }, [release]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const handlers = useMemo(
    () => ({ onPointerMove: hold, onPointerLeave: release, onKeyDown: hold }),
    [hold, release],
  );
  return [held, handlers];
}

/** Grows now and then while `running`: whenever a list that stands by what changes all the time may be sorted anew. */
export function useTurn(running: boolean): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setTurn((before) => before + 1), turnMs);
    return () => clearInterval(timer);
  }, [running]);
  return turn;
}
