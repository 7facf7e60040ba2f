import { describe, expect, it } from 'vitest';
import { mapBounded } from '#engine/scan/bounded.ts';

const items = Array.from({ length: 40 }, (_, index) => index);

describe('bounded parallel work', () => {
  it('keeps the order, never exceeds the limit and isolates a failure', async () => {
    let running = 0;
    let most = 0;
    const progress: number[] = [];
    const outcomes = await mapBounded(
      items,
      async (item) => {
        running += 1;
        most = Math.max(most, running);
        // Later items finish earlier, so that only kept order gives the right result.
        for (let turn = items.length - item; turn > 0; turn -= 1) await new Promise(setImmediate);
        running -= 1;
        if (item === 13) throw new Error('unlucky');
        return item * 2;
      },
      { limit: 7, signal: new AbortController().signal, onProgress: (done) => progress.push(done) },
    );
    expect(most).toBe(7);
    expect(progress).toEqual(items.map((item) => item + 1));
    expect(outcomes.map((outcome) => (outcome.kind === 'done' ? outcome.value : outcome.kind))).toEqual(
      items.map((item) => (item === 13 ? 'failed' : item * 2)),
    );
  });

  it('starts nothing new after it was cancelled', async () => {
    const controller = new AbortController();
    const started: number[] = [];
    const outcomes = await mapBounded(
      items,
      async (item) => {
        started.push(item);
        if (item === 3) controller.abort();
        await new Promise(setImmediate);
      },
      { limit: 2, signal: controller.signal, onProgress: () => undefined },
    );
    expect(started).toEqual([0, 1, 2, 3]);
    expect(outcomes.filter((outcome) => outcome.kind === 'done')).toHaveLength(2);
    expect(outcomes.slice(2).every((outcome) => outcome.kind === 'cancelled')).toBe(true);
  });
});
