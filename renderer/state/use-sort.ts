import { useCallback, useState } from 'react';
import { type ColumnSort, type FirstDirections, pressed, readColumnSort } from '../lib/column-sort.ts';
import { keep, readKept } from '../lib/kept.ts';

export interface SortOptions<Key extends string> {
  /** Under which the reader's choice is kept; unique among all tables. */
  readonly name: string;
  readonly fallback: ColumnSort<Key>;
  readonly first: FirstDirections<Key>;
}

/** How a table is sorted, remembered, and what a press on a header does. The options are to be the same object always. */
export function useSort<Key extends string>(
  options: SortOptions<Key>,
): readonly [ColumnSort<Key>, (key: Key) => void] {
  const [sort, setSort] = useState(() =>
    readColumnSort(readKept(options.name), options.fallback, options.first),
  );
  const choose = useCallback(
    (key: Key) => {
      const next = pressed(key, sort, options.first);
      keep(options.name, next);
      setSort(next);
    },
    [options, sort],
  );
  return [sort, choose];
}
