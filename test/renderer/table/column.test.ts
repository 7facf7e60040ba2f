import { describe, expect, test } from 'vitest';
import { compareValues } from '../../../renderer/list/column-sort.ts';
import { type Column, fits, lettersOf, stepFor, tracksOf } from '../../../renderer/table/column.ts';

interface Row {
  readonly name: string;
  readonly users: string;
}

const column = (key: string, rest: Partial<Column<Row>>): Column<Row> => ({
  key,
  room: { rem: 4 },
  cell: () => null,
  ...rest,
});
const name = column('name', { room: { least: 8, text: (row) => row.name } });
const users = column('users', { room: { least: 8, text: (row) => row.users } });
const columns = [name, column('free', {}), users];
const row = (length: number, person = ''): Row => ({ name: 'n'.repeat(length), users: person });
const letters = (rows: readonly Row[], before: ReadonlyMap<string, number> = new Map()) =>
  lettersOf(columns, rows, { before, counted: new WeakSet() });

describe('what columns share', () => {
  test('goes by the longest text, and an empty column keeps the least', () => {
    expect([...letters([row(30), row(9)])]).toEqual([
      ['name', 32],
      ['users', 8],
    ]);
    expect(tracksOf(columns, letters([row(30)]), (key) => key)).toBe(
      'minmax(3.6ch, 32fr) max(4rem, 3.6ch) minmax(4.5ch, 8fr)',
    );
  });

  test('never shrinks, grows in steps, and has an end', () => {
    const before = letters([row(30, 'alice, bob')]);
    expect([...letters([row(5)], before)]).toEqual([...before]);
    expect(letters([row(31)], before).get('name')).toBe(32);
    expect(letters([row(33)], before).get('name')).toBe(36);
    expect(letters([row(100_000)]).get('name')).toBe(48);
  });

  test('a row is measured once', () => {
    let measured = 0;
    const counting = column('name', {
      room: {
        least: 8,
        text: (one) => {
          measured += 1;
          return one.name;
        },
      },
    });
    const counted = new WeakSet<Row>();
    const rows = [row(9), row(10)];
    const first = lettersOf([counting], rows, { before: new Map(), counted });
    expect(lettersOf([counting], rows, { before: first, counted })).toBe(first);
    expect(measured).toBe(2);
  });
});

test('columns show whose titles and least letters have room', () => {
  const more = [
    ...columns,
    column('wide', { fromRem: 20 }),
    column('wider', { fromRem: 40, room: { rem: 20 } }),
  ];
  const shows = (widthRem: number, title = 'title') => stepFor(more, widthRem, () => title);
  expect(shows(20.2)).toBe(0);
  expect(shows(20.25)).toBe(20);
  // Four, four, four, four and twenty, with what stands between them.
  expect(shows(40.9)).toBe(20);
  expect(shows(41)).toBe(40);
  expect(shows(41, 'longer title')).toBe(20);
  expect(shows(5)).toBe(0);
});

test('a column shows from its width on', () => {
  expect(fits(column('a', { fromRem: 42 }), 41.9)).toBe(false);
  expect(fits(column('a', { fromRem: 42 }), 42)).toBe(true);
  expect(fits(column('a', {}), 0)).toBe(true);
});

test('values compare as people count, and what is not known comes last either way', () => {
  const sorted = (direction: 'ascending' | 'descending', ...values: (string | number | null)[]) =>
    values.sort((a, b) => compareValues(a, b, direction));
  expect(sorted('ascending', null, 'gpu10', 'gpu9')).toEqual(['gpu9', 'gpu10', null]);
  expect(sorted('descending', null, 'gpu10', 'gpu9')).toEqual(['gpu10', 'gpu9', null]);
  expect(sorted('descending', null, 2, 10)).toEqual([10, 2, null]);
});
