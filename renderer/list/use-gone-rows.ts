import { useRef } from 'react';
import { type ShownRow, withGone } from './gone-rows.ts';
import { type Hold, useHold } from './hold.ts';

/**
 * The rows, and between them those that have gone while the reader works in the list; with the handlers of the list that tell so.
 * Another `filter` shows what it leaves and nothing else.
 */
export function useGoneRows<Row>(
  rows: readonly Row[],
  { keyOf, filter }: { readonly keyOf: (row: Row) => string; readonly filter: object },
): readonly [readonly ShownRow<Row>[], Hold] {
  const [held, hold] = useHold();
  const before = useRef<{ readonly filter: object; readonly shown: readonly ShownRow<Row>[] }>({
    filter,
    shown: [],
  });
  const holds = held && before.current.filter === filter;
  const shown = withGone(holds ? before.current.shown : [], rows, keyOf);
  before.current = { filter, shown };
  return [shown, hold];
}
