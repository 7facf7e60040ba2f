import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createActivity, type Pace } from '#engine/gateway/activity.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('the pace is the mean of the latest five seconds, and unknown where nothing is under way', () => {
  const paces: Pace[] = [];
  const activity = createActivity((pace) => paces.push(pace));
  const end = activity.begin();
  expect(paces).toEqual([{ running: 1, tokensPerSecond: null }]);
  for (const tokens of [10, 20, 60, 0, 10, 110]) {
    activity.tokens(tokens);
    vi.advanceTimersByTime(1000);
  }
  expect(paces.slice(1).map(({ tokensPerSecond }) => tokensPerSecond)).toEqual([10, 15, 30, 22.5, 20, 40]);
  end();
  expect(paces.at(-1)).toEqual({ running: 0, tokensPerSecond: null });
  expect(vi.getTimerCount()).toBe(0);
});

it('a request that ends twice has ended once', () => {
  const running: number[] = [];
  const activity = createActivity((pace) => running.push(pace.running));
  const [first, second] = [activity.begin(), activity.begin()];
  first();
  first();
  second();
  expect(running).toEqual([1, 2, 1, 0]);
});

it('what came before a pause does not count after it', () => {
  const paces: Pace[] = [];
  const activity = createActivity((pace) => paces.push(pace));
  const first = activity.begin();
  activity.tokens(1000);
  first();
  activity.begin();
  vi.advanceTimersByTime(1000);
  expect(paces.at(-1)).toEqual({ running: 1, tokensPerSecond: 0 });
  activity.dispose();
});
