import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Track } from '#common/history.ts';
import { details, evenSteps, plotData, silenceMs, withRow } from '../../../renderer/state/track.ts';

const minute = 60_000;
/** A whole hour, so that steps begin where the tests think. */
const hour = 3_600_000 * 400_000;
const empty: Track = { id: 't', times: [], columns: {} };

const trackOf = (
  ...rows: readonly (readonly [minutes: number, a: number | null, b?: number | null])[]
): Track => ({
  id: 't',
  times: rows.map(([at]) => hour + at * minute),
  columns: { a: rows.map(([, a]) => a), b: rows.map(([, , b]) => b ?? null) },
});

const tenMinutes = { spanMs: 10 * minute, count: 10 };

test('a row continues its track; one that is not later than the last is left out', () => {
  const one = withRow(empty, { atMs: 10, values: { a: 1 } }, details.day);
  const two = withRow(one, { atMs: 20, values: { b: 2 } }, details.day);
  expect(two).toEqual({ id: 't', times: [10, 20], columns: { a: [1, null], b: [null, 2] } });
  expect(withRow(two, { atMs: 20, values: { a: 3 } }, details.day)).toBe(two);
  expect(one.times).toEqual([10]);
});

test('a track of a measurement a second stays short, and says the same', () => {
  let track = empty;
  const seconds = 2 * 3600;
  for (let at = 0; at < seconds; at += 1)
    track = withRow(track, { atMs: hour + at * 1000, values: { a: at % 2 } }, details.recent);
  expect(track.times.length).toBeLessThanOrEqual(details.recent.mostRows);
  expect(track.times.at(-1)).toBe(hour + (seconds - 1) * 1000);
  expect((track.times.at(-1) ?? 0) - (track.times[0] ?? 0)).toBeGreaterThan(details.recent.spanMs - minute);
  for (const value of evenSteps(track, ['a'], { spanMs: 25 * minute, count: 25 }).slice(0, -1))
    expect(value).toBeCloseTo(0.5, 1);
});

test('steps are means over rows and columns, and end with the latest measurement', () => {
  const track = trackOf([0, 10, 30], [0.5, 20, 40], [1, 50, 70]);
  expect(evenSteps(track, ['a', 'b'], tenMinutes).slice(-3)).toEqual([null, 25, 60]);
  expect(evenSteps(track, ['a'], tenMinutes).slice(-2)).toEqual([15, 50]);
  expect(evenSteps(track, ['none'], tenMinutes)).toEqual(Array(10).fill(null));
  expect(evenSteps(undefined, ['a'], tenMinutes)).toEqual(Array(10).fill(null));
});

test('between seldom measurements lies a line; a silence stays a gap', () => {
  expect(evenSteps(trackOf([0, 10], [4, 50]), ['a'], tenMinutes).slice(-5)).toEqual([10, 20, 30, 40, 50]);
  const away = trackOf([0, 10], [1, null], [4, 50]);
  expect(evenSteps(away, ['a'], tenMinutes).slice(-5)).toEqual([10, null, null, null, 50]);
  // One that ended within the same step as the measurement before it.
  const short = trackOf([0, 10], [0.1, null], [4, 50]);
  expect(evenSteps(short, ['a'], tenMinutes).slice(-5)).toEqual([10, null, null, null, 50]);
  const asleep = trackOf([0, 10], [9, 50]);
  expect(evenSteps(asleep, ['a'], tenMinutes)).toEqual([10, ...Array(8).fill(null), 50]);
});

test('steps stay within what was measured, whatever comes', () => {
  const rows = fc.array(fc.tuple(fc.nat(500_000), fc.option(fc.integer({ min: -5, max: 105 }))), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 80 }), (steps, count) => {
      let track = empty;
      let atMs = hour;
      for (const [step, value] of steps) {
        atMs += step;
        track = withRow(track, { atMs, values: { a: value } }, details.recent);
      }
      const known = (track.columns.a ?? []).filter((value) => value !== null);
      const values = evenSteps(track, ['a'], { spanMs: 30 * minute, count });
      expect(values).toHaveLength(count);
      for (const value of values.filter((one) => one !== null)) {
        expect(value).toBeGreaterThanOrEqual(Math.min(...known) - 1e-9);
        expect(value).toBeLessThanOrEqual(Math.max(...known) + 1e-9);
      }
    }),
  );
});

test('a plot gets what is in its range, with a gap where nothing was measured for long', () => {
  const track = trackOf([0, 1], [10, 2], [11, 3], [30, 4]);
  const part = (minutes: number) => ({ fromMs: hour + minutes * minute, leastSilenceMs: silenceMs });
  const data = plotData(track, ['a', 'none'], part(5));
  expect(data.times.map((seconds) => (seconds * 1000 - hour) / minute)).toEqual([10, 11, 20.5, 30]);
  expect(data.columns).toEqual([
    [2, 3, null, 4],
    [null, null, null, null],
  ]);
  expect(plotData(track, ['a'], part(31))).toEqual({ times: [], columns: [[]] });
  // Of a source with a value every half hour that is none.
  expect(plotData(track, ['a'], { ...part(5), leastSilenceMs: 45 * minute }).times).toHaveLength(3);
});
