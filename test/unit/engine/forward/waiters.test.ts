/** Those who wait for a connection that is away: how long, and for what. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '#common/failure.ts';
import { createWaiters } from '#engine/forward/waiters.ts';
import type { Transport } from '#engine/ssh/transport.ts';

describe('waiters', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const transport = {} as Transport;
  const away = new AppError('connection-lost');

  function start() {
    let trying = false;
    const waiters = createWaiters({ isTrying: () => trying, whyAway: () => away });
    const ends: unknown[] = [];
    const wait = (ms: number) =>
      void waiters.wait(ms).then(
        (value) => ends.push(value),
        (error) => ends.push(error),
      );
    return {
      waiters,
      wait,
      ends,
      tries: (value: boolean) => (trying = value),
      pass: vi.advanceTimersByTimeAsync,
    };
  }

  it('all get the connection when it comes', async () => {
    const { waiters, wait, ends, pass } = start();
    wait(1000);
    wait(2000);
    waiters.resolve(transport);
    await pass(0);
    expect(ends).toEqual([transport, transport]);
    expect([waiters.isEmpty(), vi.getTimerCount()]).toEqual([true, 0]);
  });

  it('give up after their time, with why it is away', async () => {
    const { waiters, wait, ends, pass } = start();
    wait(1000);
    await pass(999);
    expect(ends).toEqual([]);
    await pass(1);
    expect(ends).toEqual([away]);
    expect(waiters.isEmpty()).toBe(true);
  });

  it('whose time is over wait for the attempt that is under way, 30 s in all at most', async () => {
    const { wait, ends, tries, pass } = start();
    tries(true);
    wait(1000);
    await pass(29_999);
    expect(ends).toEqual([]);
    await pass(1);
    expect(ends).toEqual([away]);
  });

  it('whose time is over are turned away when that attempt fails; the others wait on', async () => {
    const { waiters, wait, ends, tries, pass } = start();
    tries(true);
    wait(1000);
    wait(60_000);
    await pass(1000);
    waiters.refuse('late');
    await pass(0);
    expect(ends).toEqual([away]);
    waiters.refuse('all');
    await pass(0);
    expect([ends.length, waiters.isEmpty(), vi.getTimerCount()]).toEqual([2, true, 0]);
  });
});
