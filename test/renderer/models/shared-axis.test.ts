import { expect, test } from 'vitest';
import { createSharedAxis, roundTop } from '../../../renderer/models/shared-axis.ts';

test('an axis grows in round steps and never shrinks', () => {
  expect([1, 99, 100, 101, 480, 512, 5001].map(roundTop)).toEqual([1, 100, 100, 200, 500, 1000, 10_000]);
  const axis = createSharedAxis(100);
  const tops: number[] = [];
  axis.subscribe(() => tops.push(axis.top()));
  for (const value of [50, 700, 300, 1500]) axis.reach(value);
  expect(tops).toEqual([1000, 2000]);
});
