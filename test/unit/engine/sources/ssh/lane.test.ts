import { expect, it } from 'vitest';
import { createLaneChoice } from '#engine/sources/ssh/lane.ts';

it('measures over a second connection while forwards move more than 1 MB/s, and a minute longer', () => {
  const choose = createLaneChoice();
  expect(choose(0, 0)).toBe('main');
  expect(choose(4_000_000, 5000)).toBe('main');
  expect(choose(14_000_000, 10_000)).toBe('second');
  expect(choose(14_000_000, 69_000)).toBe('second');
  expect(choose(14_000_000, 70_000)).toBe('main');
});

it('takes a burst within a moment for no transfer', () => {
  const choose = createLaneChoice();
  choose(0, 0);
  expect(choose(3_900_000, 1000)).toBe('main');
  expect(choose(3_900_000, 5000)).toBe('main');
});
