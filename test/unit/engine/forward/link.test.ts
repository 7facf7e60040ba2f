import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError, type ErrorCode } from '#common/errors.ts';
import { createLink, type LinkState } from '#engine/forward/link.ts';
import type { Transport } from '#engine/ssh/transport.ts';
import { localTransport } from './local-transport.ts';

beforeEach(() => {
  vi.useFakeTimers();
  // The pauses are jittered: the first retry comes after 250 ms, one after a refusal then after 4 s.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

type Attempt = ReturnType<typeof localTransport> | ErrorCode;

/** A link whose attempts end as told, one after the other; one that is not told stays under way. */
async function linkWith(...attempts: Attempt[]) {
  const states: LinkState['kind'][] = [];
  let made = 0;
  const link = createLink(
    async () => {
      made += 1;
      const next = attempts.shift();
      if (next === undefined) return new Promise(() => undefined);
      if (typeof next === 'string') throw new AppError(next);
      return next;
    },
    (state) => states.push(state.kind),
  );
  await link.opened;
  return { link, states, made: () => made };
}

/** Notes when and how it ended. */
function watch(waiting: Promise<Transport>) {
  const outcome: { code?: string; transport?: Transport } = {};
  waiting.then(
    (transport) => void Object.assign(outcome, { transport }),
    (error: AppError) => void Object.assign(outcome, { code: error.code }),
  );
  return outcome;
}

const hour = 3_600_000;

describe('a link that is away', () => {
  it('lets a client wait so long and no longer, and says why it is away', async () => {
    const first = localTransport();
    const { link } = await linkWith(first, 'connection-refused');
    first.lose();
    await vi.advanceTimersByTimeAsync(500);
    const refused = expect(link.get(200)).rejects.toMatchObject({
      code: 'connection-refused',
      step: 'forward',
    });
    await vi.advanceTimersByTimeAsync(200);
    await refused;
  });

  it('holds those who wait for their host for as long as they said, then tells why it is away', async () => {
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

  it('lets those go on who wait when their host comes, and turns away all when it is given up', async () => {
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
});

describe('a link that is hurried', () => {
  it('does nothing while it is open', async () => {
    const { link, states, made } = await linkWith(localTransport());
    link.hurry();
    expect([made(), states]).toEqual([1, ['open']]);
  });

  it('tries at once where the next attempt would come later, and plans no second one', async () => {
    const [first, second] = [localTransport(), localTransport()];
    const { link, states, made } = await linkWith(first, 'throttled', second);
    first.lose();
    await vi.advanceTimersByTimeAsync(500);
    expect([made(), states.at(-1)]).toEqual([2, 'retrying']);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(made()).toBe(2);
    link.hurry();
    expect(await link.get(hour)).toBe(second);
    expect(states.at(-1)).toBe('open');
    await vi.advanceTimersByTimeAsync(hour);
    expect(made()).toBe(3);
  });

  it('tries no more after it has given up, unless it is told to', async () => {
    const [first, second] = [localTransport(), localTransport()];
    const { link, states, made } = await linkWith(first, 'auth-failed', second);
    first.lose();
    await vi.advanceTimersByTimeAsync(hour);
    expect([made(), states.at(-1)]).toEqual([2, 'failed']);
    link.hurry();
    expect(made()).toBe(2);
    link.retry();
    expect(await link.get(hour)).toBe(second);
  });

  it('leaves an attempt alone that is under way', async () => {
    const first = localTransport();
    const { link, made } = await linkWith(first);
    first.lose();
    await vi.advanceTimersByTimeAsync(500);
    link.hurry();
    link.retry();
    expect(made()).toBe(2);
  });

  it('tries no more once it is disposed of', async () => {
    const first = localTransport();
    const { link, made } = await linkWith(first, 'connection-refused');
    first.lose();
    await vi.advanceTimersByTimeAsync(500);
    link.dispose();
    link.hurry();
    await vi.advanceTimersByTimeAsync(hour);
    expect(made()).toBe(2);
  });
});
