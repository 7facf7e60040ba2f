import { useState } from 'react';
import { useAppState } from '../state/services.ts';
import { type Hold, useHold } from './hold.ts';
import { type StillOrder, stillOrder } from './still-order.ts';
import { useTurn } from './turn.ts';

export interface UseStillOrder {
  /** The same object while the same order is asked for. */
  readonly sort: object;
  /** It stands by what changes all the time. */
  readonly live: boolean;
}

/** The order of rows whose keys come sorted, and the handlers of the list that hold it still while the reader works there; so does
 * a scan that runs. */
export function useStillOrder(
  sorted: readonly string[],
  { sort, live }: UseStillOrder,
): readonly [readonly string[], Hold] {
  const scan = useAppState(({ snapshot }) => snapshot?.scan);
  const [held, hold] = useHold();
  const turn = useTurn(live);
  const [order, setOrder] = useState<StillOrder | null>(null);
  const scannedAt = scan !== undefined && 'finishedAt' in scan ? scan.finishedAt : null;
  const isStill = held || scan?.kind === 'running';
  const next = stillOrder(order, sorted, { sort, live, held: isStill, turn, scannedAt });
  // React's way to keep what the next render is compared with: set while rendering, at most once per change.
  if (next !== order) setOrder(next);
  return [next.keys, hold];
}
