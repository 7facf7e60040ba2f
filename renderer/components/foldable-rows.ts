import { useMemo } from 'react';
import { type Reveal, useReveal } from '../state/use-reveal.ts';
import { useSameList } from '../state/use-same-list.ts';
import { useRowPx, useVirtualRows, type VirtualRows } from './virtual-rows.ts';

export interface FoldableRowsOptions<Row> {
  /** The same array while they are the same. */
  readonly rows: readonly Row[];
  /** Unique and stable. The same function always. */
  readonly keyOf: (row: Row) => string;
  /** The keys of the rows that are unfolded. */
  readonly expanded: ReadonlySet<string>;
  /** The height of what a row unfolds, until it was in view. */
  readonly detailsPx: number;
  readonly reveal: Reveal | null;
}

/** A row of the table, or the one below it that shows its details. */
export interface FoldableItem<Row> {
  /** The row's own, or one made of it. */
  readonly key: string;
  readonly row: Row;
  readonly isDetails: boolean;
}

export interface FoldableRows<Row> {
  /** By the index of {@link VirtualRows}. */
  readonly items: readonly FoldableItem<Row>[];
  readonly virtual: VirtualRows;
  /** The key of the row that the address asked for a moment ago; null: none. */
  readonly marked: string | null;
}

/** The rows of a table that unfold, each into a row of its own; see {@link useVirtualRows} and {@link useReveal}. */
export function useFoldableRows<Row>(options: FoldableRowsOptions<Row>): FoldableRows<Row> {
  const { rows, keyOf, expanded, detailsPx, reveal } = options;
  const items = useMemo(() => itemsOf(rows, keyOf, expanded), [rows, keyOf, expanded]);
  const keys = useSameList(useMemo(() => items.map(({ key }) => key), [items]));
  const rowPx = useRowPx();
  const virtual = useVirtualRows({
    keys,
    estimatePx: (index) => (items[index]?.isDetails ? detailsPx : rowPx),
  });
  const marked = useReveal(reveal, keys, virtual.scrollTo);
  return { items, virtual, marked };
}

function itemsOf<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  expanded: ReadonlySet<string>,
): readonly FoldableItem<Row>[] {
  return rows.flatMap((row) => {
    const key = keyOf(row);
    const item = { key, row, isDetails: false };
    return expanded.has(key) ? [item, { key: `${key}\ndetails`, row, isDetails: true }] : [item];
  });
}
