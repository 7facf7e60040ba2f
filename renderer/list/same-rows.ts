import { useRef } from 'react';
import { useSameList } from '../lib/same-list.ts';

/**
 * Rows that are made anew with every render: each is the object of the render before while all its fields are the same, and so
 * is the list, for what is memoised by them. `keyOf` is the same function always.
 */
export function useSameRows<Row extends object>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): readonly Row[] {
  const before = useRef<ReadonlyMap<string, Row>>(new Map());
  const same = rows.map((row) => {
    const known = before.current.get(keyOf(row));
    return known !== undefined && hasSameFields(known, row) ? known : row;
  });
  before.current = new Map(same.map((row) => [keyOf(row), row]));
  return useSameList(same);
}

function hasSameFields<Row extends object>(a: Row, b: Row): boolean {
  const fields = Object.keys(a) as (keyof Row)[];
  return fields.length === Object.keys(b).length && fields.every((field) => a[field] === b[field]);
}
