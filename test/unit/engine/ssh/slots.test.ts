import { describe, expect, it } from 'vitest';
import { createSlots } from '#engine/ssh/slots.ts';

describe('slots', () => {
  it('hold per server and over all, and a full server holds up no other', async () => {
    const slots = createSlots(() => ({ handshakes: 4, handshakesPerServer: 2 }));
    const running: string[] = [];
    const releases: (() => void)[] = [];
    const task = (server: string) =>
      slots.run(server, async () => {
        running.push(server);
        await new Promise<void>((resolve) => releases.push(resolve));
      });
    const tasks = ['a', 'a', 'a', 'b', 'b', 'b', 'c'].map(task);
    await new Promise((resolve) => setImmediate(resolve));
    expect(running).toEqual(['a', 'a', 'b', 'b']);
    while (releases.length > 0 || running.length < 7) {
      releases.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(tasks);
    expect(running.toSorted().join('')).toBe('aaabbbc');
  });

  it('are halved by a drop, and come back one by one', async () => {
    const slots = createSlots(() => ({ handshakes: 16, handshakesPerServer: 6 }));
    const most = async (): Promise<number> => {
      let now = 0;
      let top = 0;
      const failing = Array.from({ length: 10 }, () =>
        slots
          .run('a', async () => {
            now += 1;
            top = Math.max(top, now);
            await new Promise((resolve) => setImmediate(resolve));
            now -= 1;
            throw new Error('no success');
          })
          .catch(() => undefined),
      );
      await Promise.all(failing);
      return top;
    };
    expect(await most()).toBe(6);
    slots.narrow('a');
    expect(await most()).toBe(3);
    for (const _ of [1, 2, 3, 4]) slots.narrow('a');
    expect(await most()).toBe(1);
    await slots.run('a', async () => undefined);
    expect(await most()).toBe(2);
  });
});
