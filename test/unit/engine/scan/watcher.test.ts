import { beforeEach, describe, expect, it } from 'vitest';
import { maxAgeMs } from '#common/freshness.ts';
import type { Host } from '#common/hosts.ts';
import { defaultSettings } from '#common/settings.ts';
import { createInView } from '#engine/scan/in-view.ts';
import type { TrackedHost } from '#engine/scan/tracked-host.ts';
import { createWatcher, type Watcher } from '#engine/scan/watcher.ts';
import { createStore } from '#engine/store.ts';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock.ts';
import { failed, host, snapshot } from '../../../support/snapshot.ts';
import { gate } from './scripted.ts';

const { cadence: cadences } = defaultSettings;
const { gpusMs, portsMs } = cadences;
const hour = 3_600_000;

let time: FakeClock;
beforeEach(() => {
  time = createFakeClock();
});

const idleHost: Omit<TrackedHost, 'measure'> = {
  logIn: async () => false,
  lookedAt: () => null,
  isDue: () => false,
  onPlan: () => undefined,
  close: () => undefined,
};

/** A watcher over one host, whose measurements take as long as told. */
function watched() {
  const store = createStore(snapshot({ hosts: [host('a', { state: { kind: 'up' } })] }));
  const measuredAt: number[] = [];
  let takesMs = 0;
  const measure = async (): Promise<void> => {
    measuredAt.push(time.wallNow());
    if (takesMs > 0) await new Promise<void>((resolve) => time.after(takesMs, resolve));
    store.apply({
      kind: 'host-changed',
      host: host('a', { state: { kind: 'up' }, measuredAt: time.wallNow() }),
    });
  };
  const watcher = createWatcher({
    inView: createInView({ clock: time }),
    store,
    tracked: () => ({ ...idleHost, measure }),
    clock: time,
  });
  watcher.start();
  return {
    measuredAt,
    take: (ms: number) => {
      takesMs = ms;
    },
    end: () => watcher.dispose(),
  };
}

describe('a host that is watched', () => {
  it('is measured at the cadence, and one that is slow less often', async () => {
    const { measuredAt, take, end } = watched();
    await time.advance(4 * gpusMs);
    expect(measuredAt.length).toBeGreaterThanOrEqual(4);
    take(4 * gpusMs);
    await time.advance(6 * gpusMs);
    const slowest = measuredAt.length;
    await time.advance(12 * gpusMs);
    expect(measuredAt).toHaveLength(slowest);
    await time.advance(4 * gpusMs);
    expect(measuredAt).toHaveLength(slowest + 1);
    take(0);
    await time.advance(4 * gpusMs);
    await end();
  });

  it('is not taken for slow because the computer slept while it was measured', async () => {
    const { measuredAt, take, end } = watched();
    take(500);
    await time.advance(300);
    expect(measuredAt).toHaveLength(1);
    // In a sleep timers and the monotonic clock stand still, and the wall clock goes on.
    time.setWall(time.wallNow() + 8 * hour);
    await time.advance(500 + gpusMs + 500);
    expect(measuredAt).toHaveLength(2);
    await end();
  });

  it('is measured on when the clock is set back', async () => {
    const { measuredAt, end } = watched();
    await time.advance(300);
    time.setWall(time.wallNow() - 2 * hour);
    await time.advance(500);
    expect(measuredAt).toHaveLength(2);
    await time.advance(2 * gpusMs);
    expect(measuredAt.length).toBeGreaterThanOrEqual(3);
    await end();
  });
});

/** A watcher over hosts that are all due, none of which takes any time; `measured` names them in turn. */
function watchDue(count: number, isDue = false, inView = createInView({ clock: time })) {
  const hosts = Array.from({ length: count }, (_, n) => host(`gpu${n}`, { measuredAt: 0 }));
  const measured: string[] = [];
  const watcher = createWatcher({
    inView,
    store: createStore(snapshot({ hosts })),
    tracked: (hostId) => ({
      ...idleHost,
      isDue: () => isDue,
      measure: async () => void measured.push(hostId),
    }),
    clock: time,
  });
  watcher.start();
  return { measured, end: () => watcher.dispose() };
}

describe('hosts that come due at the same moment', () => {
  it('are all measured within half the cadence where they are many, never in one burst', async () => {
    const { measured, end } = watchDue(1000);
    // So many are each measured every 25 seconds.
    const halfMs = 12_500;
    let before = 0;
    for (let passedMs = 0; passedMs < halfMs; passedMs += 100) {
      await time.advance(100);
      expect(measured.length - before).toBeLessThanOrEqual(40);
      before = measured.length;
    }
    expect(measured).toHaveLength(1000);
    expect(new Set(measured).size).toBe(1000);
    await end();
  });

  it('are measured first where a window shows them, and at the full rate', async () => {
    const inView = createInView({ clock: time });
    const seen = ['gpu998', 'gpu999'];
    const { measured, end } = watchDue(1000, false, inView);
    const forget = time.every(10_000, () => inView.report(seen));
    inView.report(seen);
    await time.advance(100);
    expect(measured.slice(0, 2)).toEqual(seen);
    await time.advance(60_000);
    const times = (id: string) => measured.filter((one) => one === id).length;
    expect(seen.map(times)).toEqual([13, 13]);
    expect(times('gpu0')).toBeLessThanOrEqual(3);
    expect(times('gpu0')).toBeGreaterThanOrEqual(2);
    forget.cancel();
    await end();
  });

  it('are measured at once where they are few, and a few at a time before the next look where they are more', async () => {
    const few = watchDue(4);
    const more = watchDue(16);
    await time.advance(100);
    expect(few.measured).toHaveLength(4);
    expect(more.measured).toHaveLength(4);
    await time.advance(90);
    expect(more.measured).toHaveLength(16);
    await few.end();
    await more.end();
  });

  it('are not begun any more when it ends', async () => {
    const { measured, end } = watchDue(16);
    await time.advance(100);
    await end();
    await time.advance(100);
    expect(measured).toHaveLength(4);
  });
});

describe('a large fleet that no window shows', () => {
  /** What a minute of its measurements comes to, each of which is there at once. */
  async function watchMinute(hosts: number, inView: readonly string[]) {
    const seen = createInView({ clock: time });
    const lookedAt = new Map<string, number>();
    const oldest = { measured: 0, looks: 0 };
    const counts = { measured: 0, looks: 0, dueAsked: 0 };
    const measuredAt = new Map<string, number>();
    const ids = Array.from({ length: hosts }, (_, n) => `gpu${n}`);
    for (const [at, id] of ids.entries()) {
      // As a scan leaves them.
      lookedAt.set(id, time.wallNow() - (at % 250) * 100);
      measuredAt.set(id, time.wallNow() - (at % 250) * 100);
    }
    const watcher = createWatcher({
      inView: seen,
      store: createStore(
        snapshot({ hosts: ids.map((id) => host(id, { measuredAt: measuredAt.get(id) ?? 0 })) }),
      ),
      tracked: (hostId) => ({
        ...idleHost,
        isDue() {
          counts.dueAsked += 1;
          return false;
        },
        lookedAt: () => lookedAt.get(hostId) ?? null,
        async measure({ ports }) {
          const now = time.wallNow();
          counts.measured += 1;
          oldest.measured = Math.max(oldest.measured, now - (measuredAt.get(hostId) ?? 0));
          measuredAt.set(hostId, now);
          if (!ports) return;
          counts.looks += 1;
          oldest.looks = Math.max(oldest.looks, now - (lookedAt.get(hostId) ?? 0));
          lookedAt.set(hostId, now);
        },
      }),
      clock: time,
    });
    const report = (): void => seen.report(inView);
    report();
    const reports = time.every(10_000, report);
    watcher.start();
    await time.advance(120_000);
    Object.assign(counts, { measured: 0, looks: 0, dueAsked: 0 });
    await time.advance(60_000);
    reports.cancel();
    await watcher.dispose();
    return { ...counts, oldest };
  }

  it('is looked at for ports and models by every second measurement, before what was found is too old', async () => {
    const { measured, looks, oldest } = await watchMinute(1000, []);
    expect(measured).toBeGreaterThanOrEqual(1900);
    expect(looks).toBeLessThan(0.55 * measured);
    expect(oldest.measured).toBeLessThan(maxAgeMs('measurement', defaultSettings));
    expect(oldest.looks).toBeLessThan(maxAgeMs('servers', defaultSettings));
  });

  it('is gone through once a second, and what a window shows at each tick', async () => {
    const { dueAsked } = await watchMinute(1000, ['gpu0', 'gpu1']);
    expect(dueAsked).toBeLessThanOrEqual(60 * 1000 + 600 * 2);
  });

  it('is looked at as before where it is small', async () => {
    const { measured, looks } = await watchMinute(50, []);
    expect(measured).toBeGreaterThanOrEqual(550);
    expect(looks).toBeGreaterThanOrEqual(0.3 * measured);
  });
});

it('hosts that are due all the time wait for each other', async () => {
  const { measured, end } = watchDue(20, true);
  await time.advance(200);
  expect(new Set(measured).size).toBe(20);
  await end();
});

/** A watcher that says what is measured, and with the search for servers or without; each measurement ends with `end`. */
function watchSlow(states: Readonly<Record<string, Host['state']>>) {
  const store = createStore(
    snapshot({ hosts: Object.entries(states).map(([id, state]) => host(id, { state, measuredAt: null })) }),
  );
  const begun: string[] = [];
  const signals: AbortSignal[] = [];
  const due = new Set<string>();
  const { passed, open } = gate();
  let lookedAt = time.wallNow();
  const watcher = createWatcher({
    inView: createInView({ clock: time }),
    store,
    tracked: (hostId) => ({
      ...idleHost,
      isDue: () => due.has(hostId),
      lookedAt: () => lookedAt,
      async measure({ ports, signal }) {
        begun.push(ports ? `${hostId} with servers` : hostId);
        signals.push(signal);
        await passed;
        if (ports) lookedAt = time.wallNow();
      },
    }),
    clock: time,
  });
  return { watcher, begun, signals, due, end: open };
}

describe('a watcher', () => {
  it('measures those that are up, and the others when their next attempt is due', async () => {
    const { watcher, begun, due } = watchSlow({
      up: { kind: 'up' },
      away: failed(),
      new: { kind: 'unresolved' },
    });
    await time.advance(gpusMs);
    expect(begun).toEqual([]);
    watcher.start();
    watcher.start();
    await time.advance(gpusMs);
    expect(begun).toEqual(['up']);
    due.add('away');
    await time.advance(gpusMs);
    // A host that comes back shows its servers at once.
    expect(begun).toEqual(['up', 'away with servers']);
  });

  it('asks no host twice at a time, and lets the slowest rest for five minutes at most', async () => {
    const { watcher, begun, end } = watchSlow({ up: { kind: 'up' } });
    watcher.start();
    await time.advance(100_100);
    expect(begun).toEqual(['up']);
    end();
    await time.advance(199_900);
    expect(begun).toEqual(['up']);
    await time.advance(100);
    expect(begun).toEqual(['up', 'up with servers']);
  });

  it('looks for servers at their own cadence', async () => {
    const { watcher, begun, end } = watchSlow({ up: { kind: 'up' } });
    end();
    watcher.start();
    await time.advance(5 * portsMs);
    const withServers = begun.filter((what) => what === 'up with servers').length;
    expect(begun.length).toBeGreaterThan(2 * withServers);
    expect(withServers).toBeGreaterThanOrEqual(3);
    expect(withServers).toBeLessThanOrEqual(5);
  });

  it.each([
    ['hidden', 'hiddenMs', (watcher: Watcher, on: boolean) => watcher.setShown(!on)],
    ['on battery', 'batteryMs', (watcher: Watcher, on: boolean) => watcher.setOnBattery(on)],
  ] as const)('goes slower while %s, and is back at its pace at once', async (_name, cadence, set) => {
    const { watcher, begun, end } = watchSlow({ up: { kind: 'up' } });
    end();
    set(watcher, true);
    watcher.start();
    await time.advance(100);
    expect(begun).toHaveLength(1);
    await time.advance(cadences[cadence] - 100);
    expect(begun).toHaveLength(1);
    await time.advance(100);
    expect(begun).toHaveLength(2);
    set(watcher, false);
    await time.advance(gpusMs);
    expect(begun).toHaveLength(3);
  });

  it('cancels what runs when it is disposed of, and waits for it', async () => {
    const { watcher, begun, signals, end } = watchSlow({ up: { kind: 'up' } });
    watcher.start();
    await time.advance(100);
    let isOver = false;
    const over = watcher.dispose().then(() => {
      isOver = true;
    });
    await time.advance(gpusMs);
    expect([signals.map(({ aborted }) => aborted), isOver]).toEqual([[true], false]);
    end();
    await over;
    await time.advance(10 * gpusMs);
    expect([begun, time.timers()]).toEqual([['up'], 0]);
  });
});

it('looks once, and not at each tick, through a list of hosts that are not measured by SSH', async () => {
  let looks = 0;
  const alone = host('gpu-01', {
    state: { kind: 'up' },
    source: {
      kind: 'prometheus',
      sourceId: 's',
      name: 'S',
      host: 'gpu-01',
      instance: 'gpu-01:9400',
      staleAfterMs: 60_000,
      get ssh() {
        looks += 1;
        return null;
      },
      without: 'unlisted',
    },
  });
  const watcher = createWatcher({
    inView: createInView({ clock: time }),
    store: createStore(snapshot({ hosts: [alone] })),
    tracked: () => ({ ...idleHost, measure: async () => expect.unreachable() }),
    clock: time,
  });
  watcher.start();
  await time.advance(5000);
  expect(looks).toBe(1);
  await watcher.dispose();
});
