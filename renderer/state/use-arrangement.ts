import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { HostId, Snapshot } from '#common/model.ts';
import { type Arrangement, arrange } from '../lib/arrange.ts';
import { createRanking, isLive, type Sort } from '../lib/sort.ts';

/** How long after the latest pointer move or key press the list may move again: a pointer may be parked there all day. */
const holdMs = 10_000;

/** How often a table that stands by a live column is sorted anew. */
const turnMs = 30_000;

export interface Hold {
  readonly onPointerMove: () => void;
  readonly onPointerLeave: () => void;
  readonly onKeyDown: () => void;
}

export interface ArrangementDeps {
  readonly sort: Sort;
  readonly modelCount: (id: HostId) => number;
}

/** The order of the hosts, and the handlers of the list that hold it still while the reader works there. */
export function useArrangement(
  snapshot: Snapshot,
  { sort, modelCount }: ArrangementDeps,
): readonly [Arrangement, Hold] {
  const [held, setHeld] = useState(false);
  const [arrangement, setArrangement] = useState<Arrangement | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const turn = useTurn(isLive(sort));
  const rule = snapshot.settings.idleRule;
  const rank = useMemo(() => createRanking({ sort, rule, modelCount }), [sort, rule, modelCount]);

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

  const next = arrange(arrangement, snapshot, { held, sort, turn, rank });
  // React's way to keep what the next render is compared with: set while rendering, at most once per change.
  if (next !== arrangement) setArrangement(next);
  return [next, { onPointerMove: hold, onPointerLeave: release, onKeyDown: hold }];
}

function useTurn(running: boolean): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setTurn((before) => before + 1), turnMs);
    return () => clearInterval(timer);
  }, [running]);
  return turn;
}
