import { describe, expect, it } from 'vitest';
import { share } from '#engine/ssh/io/share.ts';

describe('shared work', () => {
  const pending = () => {
    const events: string[] = [];
    const shared = share<string>(
      (signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => {
            events.push('aborted');
            reject(new Error('raw'));
          });
          events.push('started');
          setImmediate(() => resolve('done'));
        }),
      () => events.push('abandoned'),
    );
    return { shared, events };
  };

  it('runs once and gives everybody the result', async () => {
    const { shared, events } = pending();
    expect(await Promise.all([shared.join(), shared.join()])).toEqual(['done', 'done']);
    expect(await shared.join()).toBe('done');
    expect(events).toEqual(['started']);
  });

  it('goes on when one of two has left', async () => {
    const { shared } = pending();
    const controller = new AbortController();
    const leaving = shared.join(controller.signal);
    const staying = shared.join();
    controller.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'cancelled' });
    expect(await staying).toBe('done');
  });

  it('is aborted when the last has left, also for one who comes then', async () => {
    const { shared, events } = pending();
    await expect(shared.join(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    expect(events).toEqual(['started', 'abandoned', 'aborted']);
    await expect(shared.join()).rejects.toMatchObject({ code: 'cancelled' });
    await shared.ended;
  });
});
