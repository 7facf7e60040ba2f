import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError, type ErrorCode } from '#common/failure.ts';
import { createLink, type LinkState } from '#engine/forward/link.ts';
import { createRetries } from '#engine/scan/retries.ts';
import type { Transport } from '#engine/ssh/transport.ts';
import { localTransport } from '../../../support/socket-transport.ts';

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

/** A link on a clock of its own. */
function linkTo(connect: () => Promise<Transport>, check = async (_transport: Transport) => undefined) {
  const clock = createRetries({ companions: () => [] }).of('h');
  const states: LinkState[] = [];
  const link = createLink({ clock, connect, check, onState: (state) => states.push(state) });
  return { clock, link, states };
}

/** A link whose attempts end as told, one after the other; one that is not told stays under way. */
async function linkWith(...attempts: Attempt[]) {
  let made = 0;
  const linked = linkTo(async () => {
    made += 1;
    const next = attempts.shift();
    if (next === undefined) return new Promise(() => undefined);
    if (typeof next === 'string') throw new AppError(next);
    return next;
  });
  await linked.link.opened;
  return { ...linked, kinds: () => linked.states.map(({ kind }) => kind), made: () => made };
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
    const { link } = await linkWith(first, 'throttled');
    first.lose();
    await vi.advanceTimersByTimeAsync(500);
    const refused = expect(link.get(200)).rejects.toMatchObject({ code: 'throttled', step: 'forward' });
    await vi.advanceTimersByTimeAsync(200);
    await refused;
  });

  it('tries while a client waits, and holds it for the attempt that is under way when its time is over', async () => {
    let fail = (_error: AppError): void => undefined;
    let made = 0;
    const { link } = linkTo(async () => {
      made += 1;
      if (made === 1) throw new AppError('host-unreachable');
      return new Promise((_resolve, reject) => {
        fail = reject;
      });
    });
    await vi.advanceTimersByTimeAsync(0);
    const outcome = watch(link.get(5000));
    await vi.advanceTimersByTimeAsync(1000);
    expect(made).toBe(2);
    await vi.advanceTimersByTimeAsync(8000);
    expect(outcome).toEqual({});
    fail(new AppError('connection-timeout'));
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome).toEqual({ code: 'connection-timeout' });
    link.dispose();
  });

  it('holds nobody for an attempt without an end', async () => {
    const { link } = linkTo(() => new Promise(() => undefined));
    const outcome = watch(link.get(5000));
    await vi.advanceTimersByTimeAsync(29_999);
    expect(outcome).toEqual({});
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).toEqual({ code: 'connection-lost' });
    link.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets those go on who wait when their host comes, and turns away all when it is given up', async () => {
    const transport = localTransport();
    let comes = (_transport: Transport): void => undefined;
    const { link } = linkTo(
      () =>
        new Promise((resolve) => {
          comes = resolve;
        }),
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

  it('tells the time of the next attempt as the clock has it, whoever has tried', async () => {
    const first = localTransport();
    const { clock, states } = await linkWith(first, 'connection-refused');
    first.lose();
    await vi.advanceTimersByTimeAsync(500);
    await clock
      .attempt(async () => {
        throw new AppError('host-unreachable');
      })
      .catch(() => undefined);
    const plan = clock.plan();
    expect(states.at(-1)).toEqual({ kind: 'retrying', failure: plan?.failure });
    expect(plan?.failure).toMatchObject({ code: 'host-unreachable', nextAttemptAt: expect.any(Number) });
  });

  it('does not try without a pause where the host is reached and its connection is of no use', async () => {
    let made = 0;
    const { link } = linkTo(
      async () => {
        made += 1;
        return localTransport();
      },
      async () => {
        throw new AppError('internal');
      },
    );
    await vi.advanceTimersByTimeAsync(30_000);
    expect(made).toBeLessThan(20);
    link.dispose();
  });
});

describe('a link that is told to try', () => {
  it('does nothing while it is open', async () => {
    const { link, kinds, made } = await linkWith(localTransport());
    link.retry();
    expect([made(), kinds()]).toEqual([1, ['open']]);
  });

  it('tries at once where the next attempt would come later, and plans no second one', async () => {
    const [first, second] = [localTransport(), localTransport()];
    const { link, kinds, made } = await linkWith(first, 'throttled', second);
    first.lose();
    await vi.advanceTimersByTimeAsync(500);
    expect([made(), kinds().at(-1)]).toEqual([2, 'retrying']);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(made()).toBe(2);
    link.retry();
    expect(await link.get(hour)).toBe(second);
    expect(kinds().at(-1)).toBe('open');
    await vi.advanceTimersByTimeAsync(hour);
    expect(made()).toBe(3);
  });

  it('tries no more after it has given up, unless it is told to, or its host was reached', async () => {
    const [first, second, third] = [localTransport(), localTransport(), localTransport()];
    const { clock, link, kinds, made } = await linkWith(first, 'auth-failed', second, 'auth-failed', third);
    first.lose();
    await vi.advanceTimersByTimeAsync(hour);
    expect([made(), kinds().at(-1)]).toEqual([2, 'failed']);
    clock.hurry('network');
    await expect(link.get(hour)).rejects.toMatchObject({ code: 'auth-failed' });
    expect(made()).toBe(2);
    link.retry();
    expect(await link.get(hour)).toBe(second);
    second.lose();
    await vi.advanceTimersByTimeAsync(hour);
    expect(kinds().at(-1)).toBe('failed');
    await clock.attempt(async () => undefined);
    expect(await link.get(hour)).toBe(third);
  });

  it('leaves an attempt alone that is under way', async () => {
    const first = localTransport();
    const { clock, link, made } = await linkWith(first);
    first.lose();
    await vi.advanceTimersByTimeAsync(500);
    clock.hurry('network');
    link.retry();
    expect(made()).toBe(2);
  });

  it('tries no more once it is disposed of', async () => {
    const first = localTransport();
    const { clock, link, made } = await linkWith(first, 'connection-refused');
    first.lose();
    await vi.advanceTimersByTimeAsync(500);
    link.dispose();
    clock.hurry('network');
    link.retry();
    await vi.advanceTimersByTimeAsync(hour);
    expect(made()).toBe(2);
  });
});
