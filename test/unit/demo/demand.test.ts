import { expect, it } from 'vitest';
import { createDemand } from '../../../main/demo/demand.ts';
import { createRandom } from '../../../main/demo/random.ts';
import { serverOf } from '../../../main/demo/specs.ts';

/** What is asked of a server in each second of an hour. */
function hour(fields: { demand: number; tide?: number }): readonly number[] {
  const spec = serverOf({ model: 'm', user: 'u', gpus: [0], maxModelLen: 1, ...fields });
  const demand = createDemand(spec, createRandom(7));
  return Array.from({ length: 3600 }, () => {
    demand.advance(1);
    return demand.now();
  });
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

it('goes around its mean, never below nothing, and the same for the same seed', () => {
  const seconds = hour({ demand: 0.4 });
  expect(mean(seconds)).toBeGreaterThan(0.3);
  expect(mean(seconds)).toBeLessThan(0.6);
  expect(Math.min(...seconds)).toBeGreaterThanOrEqual(0);
  expect(seconds).toEqual(hour({ demand: 0.4 }));
});

it('with a tide is more than there is room for, and then less again', () => {
  const seconds = hour({ demand: 0.85, tide: 0.55 });
  expect(Math.max(...seconds)).toBeGreaterThan(1.2);
  expect(Math.min(...seconds)).toBeLessThan(0.6);
});

it('of a server of which nothing is asked is nothing', () => {
  expect(new Set(hour({ demand: 0 }))).toEqual(new Set([0]));
});
