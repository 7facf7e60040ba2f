import { useState } from 'react';
import { type StillOrder, stillOrder } from '../lib/still-order.ts';
import { useAppState } from './services.ts';
import { type Hold, useHold, useTurn } from './use-hold.ts';

export interface UseStillOrder {
  /** The same object while the same order is asked for. */
  readonly sort: object;
  /** It stands by what changes all the time. */
  readonly live: boolean;
}

/** The order of rows whose keys come sorted, and the handlers of the list that hold it still while the reader works there. */
export function useStillOrder(
  sorted: readonly string[],
  { sort, live }: UseStillOrder,
): readonly [readonly string[], Hold] {
  const scan = useAppState(({ snapshot }) => snapshot?.scan);
  const [held, hold] = useHold();
  const turn = useTurn(live);
  const [order, setOrder] = useState<StillOrder | null>(null);
  const scannedAt = scan !== undefined && 'finishedAt' in scan ? scan.finishedAt : null;
  const next = stillOrder(order, sorted, { sort, live, held, turn, scannedAt });
  // React's way to keep what the next render is compared with: set while rendering, at most once per change.
  if (next !== order) setOrder(next);
  return [next.keys, hold];
}
