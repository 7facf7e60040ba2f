/**
 * The order of rows that a reader can rely on: a row that jumps is a row that cannot be read or pressed. Pure.
 *
 * - While the reader works in the list (`held`) nothing moves; what is new comes at the end.
 * - A list that stands by what changes all the time (`live`) is sorted anew only now and then (`turn`), after a scan, and when
 *   another order is asked for; what is new meanwhile comes at the end.
 */

export interface StillOrder {
  readonly keys: readonly string[];
  readonly sortedFor: SortedFor;
}

interface SortedFor {
  /** The same object while the same order is asked for. */
  readonly sort: object;
  readonly scannedAt: number | null;
  readonly turn: number;
}

export interface StillOrderOptions extends SortedFor {
  readonly held: boolean;
  readonly live: boolean;
}

/** Returns the next order of the keys, which come sorted; `previous` itself when nothing moves. */
export function stillOrder(
  previous: StillOrder | null,
  sorted: readonly string[],
  { held, live, ...wanted }: StillOrderOptions,
): StillOrder {
  if (previous === null || previous.sortedFor.sort !== wanted.sort)
    return { keys: sorted, sortedFor: wanted };
  const { sortedFor } = previous;
  const isDue = sortedFor.scannedAt !== wanted.scannedAt || sortedFor.turn !== wanted.turn;
  const moves = !held && (!live || isDue);
  const keys = moves ? sorted : inPlace(previous.keys, sorted);
  if (keys.length === previous.keys.length && keys.every((key, at) => key === previous.keys[at]))
    return moves && isDue ? { keys: previous.keys, sortedFor: wanted } : previous;
  return { keys, sortedFor: moves ? wanted : sortedFor };
}

function inPlace(shown: readonly string[], sorted: readonly string[]): readonly string[] {
  const existing = new Set(sorted);
  const known = new Set(shown);
  return [...shown.filter((key) => existing.has(key)), ...sorted.filter((key) => !known.has(key))];
}
