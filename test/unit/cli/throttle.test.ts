import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { throttle } from '../../../main/cli/throttle.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('runs at once, and then once for all that was asked within the time', () => {
  const work = vi.fn();
  const throttled = throttle(work, 100);
  throttled.now();
  vi.advanceTimersByTime(0);
  expect(work).toHaveBeenCalledTimes(1);
  for (let at = 0; at < 9; at += 1) throttled.now();
  vi.advanceTimersByTime(99);
  expect(work).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  expect(work).toHaveBeenCalledTimes(2);
});

it('runs at once again where the latest run is long ago, and not at all once it was stopped', () => {
  const work = vi.fn();
  const throttled = throttle(work, 100);
  throttled.now();
  vi.advanceTimersByTime(500);
  throttled.now();
  vi.advanceTimersByTime(0);
  expect(work).toHaveBeenCalledTimes(2);
  throttled.now();
  throttled.stop();
  vi.advanceTimersByTime(1000);
  expect(work).toHaveBeenCalledTimes(2);
});
