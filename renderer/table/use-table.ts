import { useCallback, useMemo, useState } from 'react';
import { keep, readKept } from '../lib/kept.ts';
import { useSameList } from '../lib/same-list.ts';
import { type ColumnSort, pressed, readColumnSort } from '../list/column-sort.ts';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { firstDirections, optionalColumns, type TableSpec } from './column.ts';

/** A table and what the reader chose for it: the sort is kept by the page, the columns in the settings. */
export interface Table<Row> {
  readonly spec: TableSpec<Row>;
  readonly sort: ColumnSort | undefined;
  readonly sortBy: (key: string) => void;
  /** The keys of the columns that the reader took out. */
  readonly hidden: ReadonlySet<string>;
  readonly hide: (key: string, wanted: boolean) => void;
  readonly showAll: () => void;
}

/** How a table is sorted and which of its columns show. The spec is to be the same object always. */
export function useTable<Row>(spec: TableSpec<Row>): Table<Row> {
  const first = useMemo(() => firstDirections(spec.columns), [spec]);
  const [sort, setSort] = useState(() => readColumnSort(readKept(`${spec.name}-sort`), spec.sort, first));
  const sortBy = useCallback(
    (key: string) => {
      const next = pressed(key, sort, first);
      keep(`${spec.name}-sort`, next);
      setSort(next);
    },
    [spec, sort, first],
  );
  const columns = useHiddenColumns(spec);
  return useMemo(() => ({ spec, sort, sortBy, ...columns }), [spec, sort, sortBy, columns]);
}

function useHiddenColumns<Row>(spec: TableSpec<Row>): Pick<Table<Row>, 'hidden' | 'hide' | 'showAll'> {
  const actions = useActions();
  const all = useSameList(useSettings().hiddenColumns);
  return useMemo(() => {
    const nameOf = (key: string) => `${spec.name}/${key}`;
    const keys = optionalColumns(spec.columns).map(({ key }) => key);
    /** What others have changed meanwhile stays. */
    const show = (shown: readonly string[], hidden: readonly string[] = []) => {
      const names = new Set(shown.map(nameOf));
      void actions.changeSettings(({ hiddenColumns }) => ({
        hiddenColumns: [...hiddenColumns.filter((name) => !names.has(name)), ...hidden.map(nameOf)],
      }));
    };
    return {
      hidden: new Set(keys.filter((key) => all.includes(nameOf(key)))),
      hide: (key, wanted) => show([key], wanted ? [key] : []),
      showAll: () => show(keys),
    };
  }, [spec, all, actions]);
}
