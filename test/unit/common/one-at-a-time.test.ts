import { describe, expect, it } from 'vitest';
import { oneAtATime } from '#common/one-at-a-time.ts';

/** Work whose runs end when the test says so. */
function runs() {
  const ends: { resolve(): void; reject(error: Error): void }[] = [];
  const run = oneAtATime(() => new Promise<void>((resolve, reject) => ends.push({ resolve, reject })));
  const settled: string[] = [];
  const call = (name: string): Promise<void> =>
    run().then(
      () => void settled.push(name),
      (error: Error) => void settled.push(`${name}: ${error.message}`),
    );
  return { call, ends, settled };
}

describe('work that runs one at a time', () => {
  it('runs at once, and once more for all that ask meanwhile', async () => {
    const { call, ends, settled } = runs();
    const first = call('first');
    const others = [call('second'), call('third')];
    expect(ends).toHaveLength(1);
    ends[0]?.resolve();
    await first;
    expect([settled, ends.length]).toEqual([['first'], 2]);
    ends[1]?.resolve();
    await Promise.all(others);
    expect([settled, ends.length]).toEqual([['first', 'second', 'third'], 2]);
    const last = call('last');
    expect(ends).toHaveLength(3);
    ends[2]?.resolve();
    await last;
  });

  it('goes on after a run that fails, which only its own caller learns', async () => {
    const { call, ends, settled } = runs();
    const first = call('first');
    const second = call('second');
    ends[0]?.reject(new Error('broken'));
    await first;
    ends[1]?.resolve();
    await second;
    expect(settled).toEqual(['first: broken', 'second']);
  });

  it('a call during the second run has a third one', async () => {
    const { call, ends, settled } = runs();
    const first = call('first');
    const second = call('second');
    ends[0]?.resolve();
    await first;
    const third = call('third');
    ends[1]?.resolve();
    await second;
    expect([settled, ends.length]).toEqual([['first', 'second'], 3]);
    ends[2]?.resolve();
    await third;
  });
});
