import { useCallback, useMemo, useState } from 'react';
import { keep, readKept } from '../lib/kept.ts';
import { type ColumnSort, pressed, readColumnSort } from '../list/column-sort.ts';
import { firstDirections, optionalColumns, type TableSpec } from './column.ts';

/** A table and what the reader chose for it, which is kept. */
export interface Table<Row> {
  readonly spec: TableSpec<Row>;
  readonly sort: ColumnSort | undefined;
  readonly sortBy: (key: string) => void;
  /** The keys of the columns that the reader took out. */
  readonly hidden: ReadonlySet<string>;
  readonly setHidden: (hidden: ReadonlySet<string>) => void;
}

/** How a table is sorted and which of its columns show. The spec is to be the same object always. */
export function useTable<Row>(spec: TableSpec<Row>): Table<Row> {
  const first = useMemo(() => firstDirections(spec.columns), [spec]);
  const [sort, setSort] = useState(() => readColumnSort(readKept(`${spec.name}-sort`), spec.sort, first));
  const [hidden, setHidden] = useState(() => readHidden(readKept(`${spec.name}-hidden`), spec));
  const sortBy = useCallback(
    (key: string) => {
      const next = pressed(key, sort, first);
      keep(`${spec.name}-sort`, next);
      setSort(next);
    },
    [spec, sort, first],
  );
  const hide = useCallback(
    (keys: ReadonlySet<string>) => {
      keep(`${spec.name}-hidden`, [...keys]);
      setHidden(keys);
    },
    [spec],
  );
  return useMemo(() => ({ spec, sort, sortBy, hidden, setHidden: hide }), [spec, sort, sortBy, hidden, hide]);
}

/** Keys of columns that there are and that can be hidden; nothing where something else was kept. Never throws. */
function readHidden<Row>(kept: unknown, { columns }: TableSpec<Row>): ReadonlySet<string> {
  const keys: readonly unknown[] = Array.isArray(kept) ? kept : [];
  return new Set(
    optionalColumns(columns)
      .map(({ key }) => key)
      .filter((key) => keys.includes(key)),
  );
}
