import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostValues, serverValues, type Track, thinned } from '#common/history.ts';
import { aGpu, aHost, aServer } from '../../support/samples.ts';

const track: Track = {
  id: 't',
  times: [1000, 1500, 2000, 2400, 2900, 5000],
  columns: { a: [1, 3, 5, null, 9, 7], b: [null, null, null, null, 2, null] },
};

test('steps are means of what is known; a moment at which nothing was known stays', () => {
  expect(thinned(track, { stepMs: 1000 })).toEqual({
    id: 't',
    times: [1000, 2000, 2400, 2900, 5000],
    columns: { a: [2, 5, null, 9, 7], b: [null, null, null, 2, null] },
  });
});

test('what is younger stays as it was measured', () => {
  expect(thinned(track, { stepMs: 10_000, beforeMs: 2000 }).times).toEqual([1000, 2000, 2400, 2900, 5000]);
  expect(thinned(track, { stepMs: 10_000, beforeMs: 1000 })).toEqual(track);
});

test('thinning keeps the order, the length of columns and the bounds of values, and twice is once', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.option(fc.integer())), {
    maxLength: 100,
  });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1000, max: 20_000 }), (steps, stepMs) => {
      let at = 0;
      const times = steps.map(([step]) => {
        at += step;
        return at;
      });
      const values = steps.map(([, value]) => value);
      const thin = thinned({ id: 't', times, columns: { x: values } }, { stepMs });
      expect(thin.times).toEqual([...thin.times].sort((a, b) => a - b));
      expect(thin.columns.x).toHaveLength(thin.times.length);
      const known = values.filter((value) => value !== null);
      for (const value of thin.columns.x ?? []) {
        if (value === null) continue;
        expect(value).toBeGreaterThanOrEqual(Math.min(...known));
        expect(value).toBeLessThanOrEqual(Math.max(...known));
      }
      expect(thinned(thin, { stepMs })).toEqual(thin);
    }),
  );
});

test('hosts and servers name their columns alike wherever they are read', () => {
  expect(hostValues({ ...aHost, gpus: [{ ...aGpu, utilPct: null }] })).toEqual({
    'GPU-0 utilPct': null,
    'GPU-0 memUsedMiB': 4,
  });
  expect(serverValues(aServer)).toEqual({});
});
