import { type ReactNode, useMemo } from 'react';
import { useSameList } from '../lib/same-list.ts';
import { type Reveal, useReveal } from '../list/reveal.ts';
import { useRowPx } from '../list/row-px.ts';
import { useVirtualRows, type VirtualRows } from './virtual-rows.ts';

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
  /** Absent: the rows stand in no groups. */
  readonly groups?: RowGroups<Row> | undefined;
}

/** The rows of a table in groups, each below a line of its own. */
export interface RowGroups<Row> {
  /** All of them hold every row once. The same object while they are the same. */
  readonly list: readonly RowGroup<Row>[];
  readonly onToggle: (key: string) => void;
}

export interface RowGroup<Row> {
  /** Unique among the groups. */
  readonly key: string;
  readonly title: string;
  /** What it adds up to. */
  readonly headline: ReactNode;
  readonly note: string;
  readonly rows: readonly Row[];
  readonly isFolded: boolean;
}

/** A row of the table, the one below it that shows its details, or the line above a group. */
export type FoldableItem<Row> =
  | {
      readonly kind: 'row' | 'details';
      /** The row's own, or one made of it. */
      readonly key: string;
      readonly row: Row;
    }
  | { readonly kind: 'group'; readonly key: string; readonly group: RowGroup<Row> };

export interface FoldableRows<Row> {
  /** By the index of {@link VirtualRows}. */
  readonly items: readonly FoldableItem<Row>[];
  readonly virtual: VirtualRows;
  /** The key of the row that the address asked for a moment ago; null: none. */
  readonly marked: string | null;
}

/** The rows of a table that unfold, each into a row of its own; see {@link useVirtualRows} and {@link useReveal}. */
export function useFoldableRows<Row>(options: FoldableRowsOptions<Row>): FoldableRows<Row> {
  const { rows, keyOf, expanded, detailsPx, reveal, groups } = options;
  const items = useMemo(() => {
    if (groups === undefined) return itemsOf(rows, keyOf, expanded);
    return groups.list.flatMap((group): readonly FoldableItem<Row>[] => [
      { kind: 'group', key: `group\n${group.key}`, group },
      ...(group.isFolded ? [] : itemsOf(group.rows, keyOf, expanded)),
    ]);
  }, [rows, keyOf, expanded, groups]);
  const keys = useSameList(useMemo(() => items.map(({ key }) => key), [items]));
  const rowPx = useRowPx();
  const virtual = useVirtualRows({
    keys,
    estimatePx: (index) => (items[index]?.kind === 'details' ? detailsPx : rowPx),
  });
  const marked = useReveal(reveal, keys, virtual.scrollTo);
  return { items, virtual, marked };
}

function itemsOf<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  expanded: ReadonlySet<string>,
): readonly FoldableItem<Row>[] {
  const itemOf = (row: Row) => ({ kind: 'row', key: keyOf(row), row }) as const;
  if (expanded.size === 0) return rows.map(itemOf);
  return rows.flatMap((row) => {
    const item = itemOf(row);
    const { key } = item;
    return expanded.has(key) ? [item, { kind: 'details', key: `${key}\ndetails`, row }] : item;
  });
}
