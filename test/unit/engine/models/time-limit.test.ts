import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '#common/failure.ts';
import { timeLimit } from '#engine/models/time-limit.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const late = () => new AppError('server-timeout');

describe('a limit', () => {
  it('aborts when its time is over, with its own error', () => {
    const { signal } = timeLimit(100, late, undefined);
    vi.advanceTimersByTime(99);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.reason).toMatchObject({ code: 'server-timeout' });
  });

  it('aborts when the caller does, also where that was before', () => {
    const caller = new AbortController();
    const { signal } = timeLimit(100, late, caller.signal);
    caller.abort();
    expect(signal.reason).toMatchObject({ code: 'cancelled' });
    expect(timeLimit(100, late, caller.signal).signal.aborted).toBe(true);
  });

  it('is nothing any more once it has ended', () => {
    const caller = new AbortController();
    const limit = timeLimit(100, late, caller.signal);
    limit.end();
    caller.abort();
    vi.advanceTimersByTime(1000);
    expect([limit.signal.aborted, vi.getTimerCount()]).toEqual([false, 0]);
  });
});
