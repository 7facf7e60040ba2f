/** By which column a table stands, and which way. Pure. */

export type Direction = 'ascending' | 'descending';

export interface ColumnSort<Key extends string> {
  readonly key: Key;
  readonly direction: Direction;
}

/** The direction of a column when it is asked for first: what one looks for at its top. */
export type FirstDirections<Key extends string> = Readonly<Record<Key, Direction>>;

/** The sort after a press on a column's header: that column, or the other way round. */
export function pressed<Key extends string>(
  key: Key,
  before: ColumnSort<Key>,
  first: FirstDirections<Key>,
): ColumnSort<Key> {
  if (before.key !== key) return { key, direction: first[key] };
  return { key, direction: before.direction === 'ascending' ? 'descending' : 'ascending' };
}

/** Reads a sort that was kept as JSON; the fallback where it is none. Never throws. */
export function readColumnSort<Key extends string>(
  kept: unknown,
  fallback: ColumnSort<Key>,
  first: FirstDirections<Key>,
): ColumnSort<Key> {
  if (typeof kept !== 'object' || kept === null) return fallback;
  const { key, direction } = kept as Partial<Record<'key' | 'direction', unknown>>;
  const known = (Object.keys(first) as Key[]).find((one) => one === key);
  if (known === undefined || (direction !== 'ascending' && direction !== 'descending')) return fallback;
  return { key: known, direction };
}
