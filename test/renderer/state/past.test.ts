import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourcePast, Track } from '#common/history.ts';
import { knownSince, silenceOf, withPasts } from '../../../renderer/state/past.ts';

const minute = 60_000;
const start = 3_600_000 * 400_000;

type Row = readonly [minutes: number, a: number | null];
const trackOf = (rows: readonly Row[], column = 'a'): Track => ({
  id: 't',
  times: rows.map(([at]) => start + at * minute),
  columns: { [column]: rows.map(([, value]) => value) },
});
const pastOf = (rows: readonly Row[], stepMs = 4 * minute, source = 'fleet'): SourcePast => ({
  kind: 'read',
  source,
  track: trackOf(rows),
  stepMs,
  partial: null,
});
const rowsOf = ({ times, columns }: Track): readonly Row[] =>
  times.map((time, at) => [(time - start) / minute, columns.a?.[at] ?? null]);

describe('what was measured here', () => {
  test('goes on before its beginning as the source knows it', () => {
    const own = trackOf([
      [60, 1],
      [61, 2],
    ]);
    const past = pastOf([
      [52, 10],
      [56, 11],
      [60, 12],
      [64, 13],
    ]);
    expect(rowsOf(withPasts(own, [past]))).toEqual([
      [52, 10],
      [56, 11],
      [60, 1],
      [61, 2],
    ]);
  });

  test('wins wherever it has values, also between them', () => {
    const own = trackOf([
      [0, 1],
      [5, 2],
      [10, 3],
    ]);
    const past = pastOf([
      [0, 10],
      [4, 11],
      [8, 12],
      [12, 13],
    ]);
    expect(withPasts(own, [past])).toBe(own);
  });

  test('has its silences filled, and says no more that it knew nothing', () => {
    const own = trackOf([
      [0, 1],
      [1, null],
      [20, 2],
    ]);
    const past = pastOf([
      [4, 10],
      [8, 11],
      [12, 12],
      [16, 13],
    ]);
    expect(rowsOf(withPasts(own, [past]))).toEqual([
      [0, 1],
      [4, 10],
      [8, 11],
      [12, 12],
      [16, 13],
      [20, 2],
    ]);
  });

  test('keeps a short silence of which the source knows nothing', () => {
    const own = trackOf([
      [0, 1],
      [1, null],
      [2, 2],
    ]);
    expect(withPasts(own, [pastOf([])])).toBe(own);
    expect(rowsOf(withPasts(own, [pastOf([[-4, 9]])]))).toEqual([[-4, 9], ...rowsOf(own)]);
  });

  test('goes on after its end where it was lost', () => {
    const lost = trackOf([
      [0, 1],
      [1, null],
    ]);
    expect(rowsOf(withPasts(lost, [pastOf([[4, 10]])]))).toEqual([
      [0, 1],
      [4, 10],
    ]);
  });

  test('is all that there is where sources fail', () => {
    const own = trackOf([[0, 1]]);
    const failure = {
      code: 'source-busy',
      step: 'probe',
      detail: '',
      command: null,
      nextAttemptAt: null,
    } as const;
    expect(withPasts(own, [{ kind: 'failed', source: 'fleet', failure }])).toBe(own);
    expect(silenceOf([{ kind: 'failed', source: 'fleet', failure }])).toBe(7.5 * minute);
  });
});

test('of two sources the first wins, and the second fills what it lacks', () => {
  const first = pastOf(
    [
      [30, 1],
      [58, 2],
    ],
    28 * minute,
  );
  const second = pastOf(
    [
      [2, 20],
      [30, 21],
      [40, 22],
      [120, 23],
    ],
    28 * minute,
  );
  expect(rowsOf(withPasts(trackOf([]), [first, second]))).toEqual([
    [2, 20],
    [30, 1],
    [58, 2],
    [120, 23],
  ]);
  expect(silenceOf([first])).toBe(42 * minute);
});

test('columns that only one of them has are unknown in the other', () => {
  const own = trackOf([[10, 5]], 'b');
  expect(withPasts(own, [pastOf([[0, 1]])])).toEqual({
    id: 't',
    times: [start, start + 10 * minute],
    columns: { b: [null, 5], a: [1, null] },
  });
});

test('is known since its first value', () => {
  expect(knownSince(trackOf([]))).toBeNull();
  expect(
    knownSince(
      trackOf([
        [0, null],
        [1, 4],
      ]),
    ),
  ).toBe(start + minute);
});

test('every value of its own stays, times ascend, and nothing is invented', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.option(fc.nat(100))), { maxLength: 40 });
  const ascending = (steps: readonly (readonly [number, number | null])[]): readonly Row[] => {
    let at = 0;
    return steps.map(([step, value]) => {
      at += step;
      return [at, value];
    });
  };
  fc.assert(
    fc.property(rows, rows, (mine, theirs) => {
      const [own, past] = [ascending(mine), ascending(theirs)];
      const joined = rowsOf(withPasts(trackOf(own), [pastOf(past)]));
      const keys = joined.map(String);
      for (const row of own) if (row[1] !== null) expect(keys).toContain(String(row));
      for (const row of joined) expect([...own, ...past].map(String)).toContain(String(row));
      for (let at = 1; at < joined.length; at += 1)
        expect(joined[at]?.[0] ?? 0).toBeGreaterThanOrEqual(joined[at - 1]?.[0] ?? 0);
    }),
  );
});
