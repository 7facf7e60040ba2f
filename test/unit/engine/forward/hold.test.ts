import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AppError } from '#common/errors.ts';
import { createLink } from '#engine/forward/link.ts';
import type { Transport } from '#engine/ssh/transport.ts';
import { localTransport } from './local-transport.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Notes when and how it ended. */
function watch(waiting: Promise<Transport>) {
  const outcome: { code?: string; transport?: Transport } = {};
  waiting.then(
    (transport) => void Object.assign(outcome, { transport }),
    (error: AppError) => void Object.assign(outcome, { code: error.code }),
  );
  return outcome;
}

it('a link holds those who wait for their host for as long as they said, then tells why it is away', async () => {
  const link = createLink(
    async () => {
      throw new AppError('connection-timeout');
    },
    () => undefined,
  );
  await vi.advanceTimersByTimeAsync(0);
  const outcome = watch(link.get(5000));
  await vi.advanceTimersByTimeAsync(4999);
  expect(outcome).toEqual({});
  await vi.advanceTimersByTimeAsync(1);
  expect(outcome).toEqual({ code: 'connection-timeout' });
  link.dispose();
  expect(vi.getTimerCount()).toBe(0);
});

it('a link lets those go on who wait when their host comes, and turns away all when it is given up', async () => {
  const transport = localTransport();
  let comes = (_transport: Transport): void => undefined;
  const link = createLink(
    () =>
      new Promise((resolve) => {
        comes = resolve;
      }),
    () => undefined,
  );
  const [first, second] = [watch(link.get(5000)), watch(link.get(5000))];
  comes(transport);
  await vi.advanceTimersByTimeAsync(0);
  expect([first, second]).toEqual([{ transport }, { transport }]);
  transport.lose();
  await vi.advanceTimersByTimeAsync(600);
  const late = watch(link.get(5000));
  link.dispose();
  await vi.advanceTimersByTimeAsync(0);
  expect(late).toEqual({ code: 'cancelled' });
  expect(vi.getTimerCount()).toBe(0);
});
