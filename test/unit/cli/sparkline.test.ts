/** Lines of blocks: bounded, and empty where nothing is known. */

import { expect, it } from 'vitest';
import { axisTop, sparkline } from '../../../main/cli/sparkline.ts';

it.each<[readonly (number | null)[], number]>([
  [[], 1],
  [[null], 1],
  [[0, 0.2], 1],
  [[1.1], 2],
  [[2, 5], 5],
  [[99], 100],
  [[101], 200],
  [[60_000], 100_000],
])('the axis of %j ends at %j', (values, top) => {
  expect(axisTop(values)).toBe(top);
});

it('has one character for each value, a gap for an unknown one, and none beyond its axis', () => {
  expect(sparkline([0, null, 50, 100, 1000, -5], 100)).toBe('▁ ▅██▁');
  expect(sparkline([], 1)).toBe('');
});
