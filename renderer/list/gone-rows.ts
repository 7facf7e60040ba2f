/**
 * Rows that have gone while the reader works in their list: they keep their places, so that the next row's button does not come
 * under the pointer. At the end of the list none is kept, for nothing follows it. Pure.
 */

export interface ShownRow<Row> {
  readonly row: Row;
  readonly kind: 'there' | 'gone';
}

/** The rows that are there, and between them those of `before` that are not any more. `before` is what this returned before. */
export function withGone<Row>(
  before: readonly ShownRow<Row>[],
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): readonly ShownRow<Row>[] {
  const there = new Map(rows.map((row) => [keyOf(row), row]));
  const kept = before.map(({ row }): ShownRow<Row> => {
    const now = there.get(keyOf(row));
    there.delete(keyOf(row));
    return now === undefined ? { row, kind: 'gone' } : { row: now, kind: 'there' };
  });
  const all = [...kept, ...[...there.values()].map((row): ShownRow<Row> => ({ row, kind: 'there' }))];
  return all.slice(0, all.findLastIndex(({ kind }) => kind === 'there') + 1);
}
