import { useMemo, useState } from 'react';
import type { HostId, Snapshot } from '#common/model.ts';
import { type Arrangement, arrange } from '../lib/arrange.ts';
import { createRanking, isLive, type Sort } from '../lib/sort.ts';
import { type Hold, useHold, useTurn } from './use-hold.ts';

export interface ArrangementDeps {
  readonly sort: Sort;
  readonly modelCount: (id: HostId) => number;
}

/** The order of the hosts, and the handlers of the list that hold it still while the reader works there. */
export function useArrangement(
  snapshot: Snapshot,
  { sort, modelCount }: ArrangementDeps,
): readonly [Arrangement, Hold] {
  const [arrangement, setArrangement] = useState<Arrangement | null>(null);
  const [held, hold] = useHold();
  const turn = useTurn(isLive(sort));
  const rule = snapshot.settings.idleRule;
  const rank = useMemo(() => createRanking({ sort, rule, modelCount }), [sort, rule, modelCount]);

  const next = arrange(arrangement, snapshot, { held, sort, turn, rank });
  // React's way to keep what the next render is compared with: set while rendering, at most once per change.
  if (next !== arrangement) setArrangement(next);
  return [next, hold];
}
