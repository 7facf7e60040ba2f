/** By which column a table stands, and which way. Pure. */

import { lazily } from '#common/lazily.ts';

export type Direction = 'ascending' | 'descending';

export interface ColumnSort {
  readonly key: string;
  readonly direction: Direction;
}

/** The direction of a column when it is asked for first: what one looks for at its top. Of those that can be asked for. */
export type FirstDirections = Readonly<Record<string, Direction>>;

/** The sort after a press on a column's header: that column, or the other way round. */
export function pressed(key: string, before: ColumnSort | undefined, first: FirstDirections): ColumnSort {
  if (before?.key !== key) return { key, direction: first[key] ?? 'ascending' };
  return { key, direction: before.direction === 'ascending' ? 'descending' : 'ascending' };
}

/** Reads a sort that was kept as JSON; the fallback where it is none. Never throws. */
export function readColumnSort<Fallback extends ColumnSort | undefined>(
  kept: unknown,
  fallback: Fallback,
  first: FirstDirections,
): ColumnSort | Fallback {
  if (typeof kept !== 'object' || kept === null) return fallback;
  const { key, direction } = kept as Partial<Record<'key' | 'direction', unknown>>;
  if (typeof key !== 'string' || !Object.hasOwn(first, key)) return fallback;
  return direction === 'ascending' || direction === 'descending' ? { key, direction } : fallback;
}

const names = lazily(() => new Intl.Collator('en', { numeric: true }));

/** Names as people count, `gpu9` before `gpu10`; what is not known, null, comes last either way. */
export function compareValues(
  a: number | string | null,
  b: number | string | null,
  direction: Direction,
): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  const order =
    typeof a === 'number' && typeof b === 'number' ? a - b : names().compare(String(a), String(b));
  return direction === 'ascending' ? order : -order;
}
