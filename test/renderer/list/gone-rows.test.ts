import { expect, it } from 'vitest';
import { withGone } from '../../../renderer/list/gone-rows.ts';

const keyOf = (row: string): string => row;
const shown = (before: readonly string[], rows: readonly string[]) =>
  withGone(withGone([], before, keyOf), rows, keyOf).map(({ row, kind }) =>
    kind === 'gone' ? `(${row})` : row,
  );

it.each([
  ['what is there as it is', ['a', 'b'], ['a', 'b'], ['a', 'b']],
  ['one that has gone at its place', ['a', 'b', 'c'], ['b', 'c'], ['(a)', 'b', 'c']],
  ['none that nothing follows', ['a', 'b', 'c'], ['a'], ['a']],
  ['new ones at the end', ['a', 'b'], ['b', 'c'], ['(a)', 'b', 'c']],
  ['nothing where all have gone', ['a', 'b'], [], []],
])('shows %s', (_, before, rows, expected) => {
  expect(shown(before, rows)).toEqual(expected);
});

it('shows one that comes back where it was', () => {
  const gone = withGone(withGone([], ['a', 'b'], keyOf), ['b'], keyOf);
  expect(withGone(gone, ['b', 'a'], keyOf)).toEqual([
    { row: 'a', kind: 'there' },
    { row: 'b', kind: 'there' },
  ]);
});
