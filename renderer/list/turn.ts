import { useEffect, useState } from 'react';
import { every } from '#common/timer.ts';

/** How often a list that is sorted by a live column is sorted anew. */
const turnMs = 30_000;

/** Grows every half minute while `running`: each time, a list that is sorted by a live column may be sorted anew. */
export function useTurn(running: boolean): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (!running) return;
    return every(turnMs, () => setTurn((before) => before + 1)).cancel;
  }, [running]);
  return turn;
}
