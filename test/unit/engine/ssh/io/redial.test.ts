import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { redial } from '#engine/ssh/io/redial.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Made {
  readonly signal: AbortSignal;
  succeed(what: string): void;
  fail(why: string): void;
}

/** Attempts that end by hand. */
function start() {
  const made: Made[] = [];
  const discarded: string[] = [];
  const outer = new AbortController();
  const attempt = (signal: AbortSignal): Promise<string> =>
    new Promise((resolve, reject) => {
      made.push({ signal, succeed: resolve, fail: (why) => reject(new Error(why)) });
    });
  const discard = (what: string): void => void discarded.push(what);
  const outcome = redial(attempt, { everyMs: 3000, signal: outer.signal, discard }).catch(String);
  return { made, discarded, outer, outcome };
}

describe('an attempt that is made again beside itself', () => {
  it('is one where it is answered in time', async () => {
    const { made, outcome } = start();
    await vi.advanceTimersByTimeAsync(2999);
    made[0]?.succeed('first');
    expect(await outcome).toBe('first');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(made).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends with what comes first; the others are aborted, and what they bring is discarded', async () => {
    const { made, discarded, outcome } = start();
    await vi.advanceTimersByTimeAsync(6000);
    made[1]?.succeed('second');
    expect(await outcome).toBe('second');
    expect(made.map(({ signal }) => signal.aborted)).toEqual([true, true, true]);
    made[0]?.succeed('first');
    made[2]?.fail('cancelled');
    await vi.advanceTimersByTimeAsync(0);
    expect(discarded).toEqual(['first']);
  });

  it('fails with the first failure', async () => {
    const { made, outcome } = start();
    await vi.advanceTimersByTimeAsync(3000);
    made[0]?.fail('no answer');
    expect(await outcome).toBe('Error: no answer');
    made[1]?.fail('cancelled');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(made).toHaveLength(2);
  });

  it('is aborted with its signal', () => {
    const { made, outer } = start();
    outer.abort();
    expect(made[0]?.signal.aborted).toBe(true);
    made[0]?.fail('cancelled');
  });
});
