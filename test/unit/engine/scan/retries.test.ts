import { beforeEach, describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '#common/failure.ts';
import { createRetries, type Retries } from '#engine/scan/retries.ts';
import type { Plan, RetryClock } from '#engine/scan/retry-clock.ts';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock.ts';

let time: FakeClock;
beforeEach(() => {
  time = createFakeClock();
});

/** The longest pauses that there may be. */
const longest = 0.999;

function startRetries({ random = longest, companions = [] as readonly string[] } = {}): Retries {
  return createRetries({
    companions: (_hostId, among) => among.filter((id) => companions.includes(id)),
    random: () => random,
    clock: time,
  });
}

async function fail(clock: RetryClock, code: ErrorCode = 'connection-refused', hop?: string): Promise<void> {
  const connect = async () => {
    throw new AppError(code, { hop });
  };
  await clock.attempt(connect).catch(() => undefined);
}

const reach = (clock: RetryClock): Promise<void> => clock.attempt(async () => undefined);

const leftMs = (clock: RetryClock): number | null => {
  const dueAt = clock.plan()?.dueAt ?? null;
  return dueAt === null ? null : Math.round(dueAt - time.now());
};

/** Fails until the pauses grow no more. */
async function failLong(clock: RetryClock, code?: ErrorCode, hop?: string): Promise<void> {
  for (let n = 0; n < 20; n += 1) await fail(clock, code, hop);
}

const nobody = { onDue: () => undefined, onPlan: () => undefined };

describe('the clock of a host', () => {
  it('is one for all who try: what they see of one attempt counts once, and who reaches it tells the others', async () => {
    const retries = startRetries();
    const clock = retries.of('a');
    const plans: (Plan | null)[] = [];
    retries.onPlan((_hostId, plan) => plans.push(plan));
    await Promise.all([fail(clock), fail(retries.of('a')), fail(clock)]);
    expect(plans).toHaveLength(1);
    expect(plans[0]?.failure).toMatchObject({
      code: 'connection-refused',
      nextAttemptAt: time.wallNow() + (leftMs(clock) ?? 0),
    });
    await reach(retries.of('a'));
    expect(plans.at(-1)).toBeNull();
    expect(clock.isDue()).toBe(false);
  });

  it('rings for all who follow at the same moment, and not before', async () => {
    const retries = startRetries();
    const clock = retries.of('a');
    const due: string[] = [];
    clock.follow({ ...nobody, onDue: () => due.push('one') });
    clock.follow({ ...nobody, onDue: () => due.push('other') });
    await fail(clock);
    await time.advance((leftMs(clock) ?? 0) - 1);
    expect([due, clock.isDue()]).toEqual([[], false]);
    await time.advance(1);
    expect([due, clock.isDue()]).toEqual([['one', 'other'], true]);
  });

  it('never pauses longer than a host may take to be noticed, however long it was away', async () => {
    const retries = startRetries();
    for (const code of [
      'connection-refused',
      'connection-timeout',
      'host-unreachable',
      'dns-failed',
    ] as const) {
      const clock = retries.of(code);
      await failLong(clock, code);
      expect(leftMs(clock)).toBeLessThanOrEqual(15_000);
    }
    const behind = retries.of('behind');
    await failLong(behind, 'proxy-failed', 'jump');
    expect(leftMs(behind)).toBeLessThanOrEqual(15_000);
  });

  it('leaves crowds their time: together they are tried four times a second; one with a forward is not held up', async () => {
    const retries = startRetries();
    for (let n = 0; n < 400; n += 1) await fail(retries.of(`gpu${n}`));
    const clock = retries.of('gpu0');
    await failLong(clock);
    expect(leftMs(clock)).toBeGreaterThan(90_000);
    const used = retries.of('gpu1');
    used.follow(nobody);
    await failLong(used);
    expect(leftMs(used)).toBeLessThanOrEqual(15_000);
  });

  it('is as patient as ever with penalties, refusals and what may ask a person', async () => {
    const retries = startRetries({ random: 0 });
    const codes = ['throttled', 'needs-job', 'auth-failed', 'hostkey-changed', 'account-refused'] as const;
    const left = [];
    for (const code of codes) {
      retries.of(code).follow(nobody);
      await fail(retries.of(code), code);
      for (const why of ['client', 'person', 'neighbour', 'network'] as const) retries.of(code).hurry(why);
      left.push(leftMs(retries.of(code)));
    }
    expect(left).toEqual([60_000, 300_000, null, null, null]);
    // A proxy command may open a browser to log in.
    const patient = startRetries();
    const proxy = patient.of('proxy');
    await failLong(proxy, 'proxy-failed');
    proxy.hurry('client');
    expect(leftMs(proxy)).toBeGreaterThan(290_000);
  });

  it('tries almost at once after a loss, and no more so where each connection is lost at once', async () => {
    const retries = startRetries();
    const clock = retries.of('a');
    const lose = (): void => clock.lost(new AppError('connection-lost'));
    await reach(clock);
    lose();
    expect(leftMs(clock)).toBeLessThanOrEqual(500);
    for (let n = 0; n < 10; n += 1) {
      await reach(clock);
      lose();
    }
    expect(leftMs(clock)).toBeGreaterThan(10_000);
    await reach(clock);
    await time.advance(5000);
    lose();
    expect(leftMs(clock)).toBeLessThanOrEqual(500);
    // What has failed before a connection that lasted counts no more.
    await fail(clock);
    expect(leftMs(clock)).toBeLessThanOrEqual(4000);
  });
});

describe('a host that is hurried', () => {
  it('is tried at once when a client comes, and every 2 s while clients go on asking', async () => {
    const retries = startRetries();
    const clock = retries.of('a');
    await failLong(clock);
    await time.advance(3000);
    let tries = 0;
    clock.follow({
      ...nobody,
      onDue() {
        tries += 1;
        void fail(clock);
      },
    });
    clock.hurry('client');
    await time.advance(0);
    expect(tries).toBe(1);
    for (let n = 0; n < 240; n += 1) {
      clock.hurry('client');
      await time.advance(250);
    }
    expect(tries).toBeGreaterThanOrEqual(28);
    expect(tries).toBeLessThanOrEqual(31);
  });

  it('is tried at once when a person looks, when the network changes, and when its neighbour is back', async () => {
    const retries = startRetries({ companions: ['b', 'c'] });
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => retries.of(id)) as [
      RetryClock,
      RetryClock,
      RetryClock,
      RetryClock,
    ];
    for (const clock of [a, b, d]) await failLong(clock);
    await failLong(c, 'throttled');
    await time.advance(2500);
    await reach(a);
    expect([b, c, d].map((clock) => clock.isDue())).toEqual([true, false, false]);
    retries.hurryAll('person');
    expect([b, c, d].map((clock) => clock.isDue())).toEqual([true, false, true]);
    await failLong(d);
    retries.hurryAll('network');
    expect([c, d].map((clock) => clock.isDue())).toEqual([false, true]);
  });

  it('is not made to wait longer', async () => {
    const retries = startRetries({ random: 0.01 });
    const clock = retries.of('a');
    await fail(clock);
    const before = leftMs(clock);
    clock.hurry('client');
    expect(leftMs(clock)).toBe(before);
  });
});

describe('what is planned', () => {
  it('is nothing for an attempt that was called off, nor for one that ends after the end of all', async () => {
    const retries = startRetries();
    const clock = retries.of('a');
    await fail(clock, 'cancelled');
    expect(clock.plan()).toBeNull();
    retries.dispose();
    await fail(clock);
    clock.lost(new AppError('connection-lost'));
    expect([clock.plan(), time.timers()]).toEqual([null, 0]);
  });

  it('is forgotten with its host, unless that is followed', async () => {
    const retries = startRetries();
    for (const id of ['kept', 'followed', 'gone']) await fail(retries.of(id));
    retries.of('followed').follow(nobody);
    retries.retain(['kept']);
    const left = ['kept', 'followed', 'gone'].map((id) => leftMs(retries.of(id)) !== null);
    expect(left).toEqual([true, true, false]);
  });
});

describe('a wall clock that jumps', () => {
  it('changes nothing but the times that are told', async () => {
    const retries = startRetries();
    const clock = retries.of('a');
    let tries = 0;
    const onDue = (): void => {
      tries += 1;
    };
    clock.follow({ ...nobody, onDue });
    await failLong(clock);
    const left = leftMs(clock) ?? 0;
    for (const jump of [8, -16, 1]) {
      time.setWall(time.wallNow() + jump * 3_600_000);
      await time.advance(100);
      retries.tellAgain();
      const told = (clock.plan()?.failure.nextAttemptAt ?? 0) - time.wallNow();
      expect(told).toBeCloseTo(leftMs(clock) ?? 0, -1);
    }
    expect([tries, left - (leftMs(clock) ?? 0)]).toEqual([0, 300]);
    await time.advance(left);
    expect(tries).toBe(1);
  });

  it('leaves no timer behind', async () => {
    const retries = startRetries();
    const unfollow = retries.of('a').follow(nobody);
    retries.of('b').follow(nobody);
    await fail(retries.of('a'));
    await fail(retries.of('b'));
    unfollow();
    expect(time.timers()).toBe(1);
    retries.dispose();
    expect(time.timers()).toBe(0);
  });
});
