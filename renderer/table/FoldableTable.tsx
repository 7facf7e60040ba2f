import { type ReactNode, useRef } from 'react';
import type { Reveal } from '../list/reveal.ts';
import { useInView } from '../state/use-in-view.ts';
import { anyRow } from './any-row.tsx';
import type { TableSpec } from './column.ts';
import css from './FoldableTable.module.css';
import { type FoldableItem, type RowGroups, useFoldableRows } from './foldable-rows.ts';
import { TableHead } from './TableHead.tsx';
import { roles } from './table-roles.ts';
import { toggleRow } from './toggle-row.ts';
import { useColumns } from './use-columns.ts';
import { useRowMenu } from './use-row-menu.tsx';
import type { Table } from './use-table.ts';

declare module 'react' {
  interface CSSProperties {
    /** The tracks of the rows of a table. */
    '--columns'?: string;
  }
}

interface Props<Row> {
  readonly table: Table<Row>;
  /** In their order. The same array, and the same objects in it, while they are the same. */
  readonly rows: readonly Row[];
  readonly id?: string;
  /** The accessible name, where no heading above it says what it is. */
  readonly caption?: string;
  readonly reveal?: Reveal | null;
  /** Absent: its rows do not unfold. */
  readonly fold?: Fold<Row>;
  /** Absent: its rows stand in no groups. */
  readonly groups?: RowGroups<Row> | undefined;
}

export interface Fold<Row> {
  /** The keys of the rows that are unfolded. */
  readonly expanded: ReadonlySet<string>;
  readonly onToggle: (key: string) => void;
  /** What a row unfolds. Memoised: it is rendered with every scroll. */
  readonly details: (row: Row) => ReactNode;
  /** The height of that, until it was in view. */
  readonly detailsPx: number;
}

const none: ReadonlySet<string> = new Set();
const ignore = () => {};

/** A table of columns that are data (see column.ts): of a long one only the rows in view are in the page. */
export function FoldableTable<Row extends object>({
  table,
  rows,
  id,
  caption,
  reveal = null,
  fold,
  groups,
}: Props<Row>) {
  const { spec } = table;
  const { expanded, detailsPx, onToggle } = fold ?? { expanded: none, detailsPx: 0, onToggle: ignore };
  const element = useRef<HTMLTableElement>(null);
  const { columns, below, tracks } = useColumns(table, rows, element);
  const { items, virtual, marked } = useFoldableRows({
    rows,
    keyOf: spec.keyOf,
    expanded,
    detailsPx,
    reveal,
    groups,
  });
  useInView(virtual.rows.flatMap(({ index }) => hostsOf(items[index], spec)));
  const { onContextMenu, menu } = useRowMenu((key, place) => {
    const row = rows.find((one) => spec.keyOf(one) === key);
    return row !== undefined && spec.menu?.(row, place);
  });
  const { measureRef } = virtual;
  const parts = { spec, columns, below, fold, onToggle, groups, marked, measureRef };
  return (
    <>
      <table
        ref={element}
        id={id}
        className={css.table}
        style={{ '--columns': tracks }}
        aria-rowcount={items.length + 1}
        {...roles.table}
      >
        {caption !== undefined && <caption className="visually-hidden">{caption}</caption>}
        <TableHead spec={spec} columns={columns} sort={table.sort} onSort={table.sortBy} />
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: by keyboard the button in the row does the same */}
        <tbody
          {...roles.group}
          {...virtual.bodyProps}
          onClick={(event) => toggleRow(event, onToggle)}
          onContextMenu={spec.menu && onContextMenu}
        >
          {virtual.rows.map((place) => {
            const item = items[place.index];
            return item && anyRow(item, place, parts);
          })}
        </tbody>
      </table>
      {menu}
    </>
  );
}

function hostsOf<Row>(item: FoldableItem<Row> | undefined, { hostOf }: TableSpec<Row>) {
  return hostOf !== undefined && item?.kind === 'row' ? hostOf(item.row) : [];
}
