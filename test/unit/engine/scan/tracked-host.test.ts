import { describe, expect, it, vi } from 'vitest';
import { AppError, type ErrorCode, errors } from '#common/failure.ts';
import type { HostState } from '#common/hosts.ts';
import { defaultSettings } from '#common/settings.ts';
import { createTrackedHost } from '#engine/scan/tracked-host.ts';
import type { HostReading, MeterEvents } from '#engine/sources/host-meter.ts';
import { askNobody } from '#engine/ssh/asking.ts';
import { server } from '../../../support/snapshot.ts';
import { gate, oneGpu, type Script, scanWith, scriptedSource } from './scripted.ts';

const { signal } = new AbortController();
const fails = (code: ErrorCode) => async (): Promise<never> => {
  throw new AppError(code, { detail: 'as scripted' });
};
const withFailure = (code: ErrorCode): HostReading => ({ ...oneGpu, gpus: [], failure: new AppError(code) });

/** One host that is measured by the script. */
const tracked = (script: Script) => {
  const scanned = scanWith([]);
  const { store, retries } = scanned;
  const sources = [scriptedSource(script)];
  const one = createTrackedHost('a', { sources, retries, store, log: () => undefined });
  return { ...scanned, ...one };
};

/** How a host comes to each state; a kind without a way does not compile. */
const ways: { readonly [Kind in HostState['kind']]: Script | 'by a scan' } = {
  unresolved: 'by a scan',
  queued: 'by a scan',
  connecting: 'by a scan',
  up: () => ({}),
  'no-gpu': () => ({ read: async () => withFailure('no-gpu-tool') }),
  'gpu-error': () => ({ read: async () => withFailure('gpu-tool-hung') }),
  stale: () => {
    let measured = 0;
    return {
      read: async () => {
        measured += 1;
        return measured === 1 ? oneGpu : fails('connection-timeout')();
      },
    };
  },
  misconfigured: () => ({ connect: fails('resolve-failed') }),
  unreachable: () => ({ connect: fails('connection-refused') }),
  throttled: () => ({ connect: fails('throttled') }),
  'hostkey-unknown': () => ({ connect: fails('hostkey-unknown') }),
  'hostkey-changed': () => ({ connect: fails('hostkey-changed') }),
  'auth-needed': () => ({ connect: fails('auth-failed') }),
  'needs-job': () => ({ read: fails('needs-job') }),
  'no-shell': () => ({ read: fails('no-shell') }),
};

const scripts = Object.entries(ways).flatMap(([kind, way]) =>
  typeof way === 'string' ? [] : [{ kind, way }],
);

it('a host says when its ports and models were looked at, whoever asked for that', async () => {
  const looks: boolean[] = [];
  const host = tracked(() => ({
    async servers({ find, known }) {
      looks.push(find);
      if (looks.length === 3) throw new AppError('connection-lost');
      return known;
    },
  }));
  expect(host.lookedAt()).toBeNull();
  await host.measure({ ports: false, signal });
  expect(host.lookedAt()).toBeNull();
  const before = Date.now();
  await host.measure({ ports: true, signal });
  const lookedAt = host.lookedAt() ?? 0;
  expect(lookedAt).toBeGreaterThanOrEqual(before);
  // One that failed has found nothing.
  await host.measure({ ports: true, signal });
  expect([looks, host.lookedAt()]).toEqual([[false, true, true], lookedAt]);
});

describe('a host', () => {
  it.each(scripts)('becomes $kind by what its meter says', async ({ kind, way }) => {
    const { scanning, host } = scanWith([scriptedSource(way)]);
    await scanning.scanner.scan();
    if (kind === 'stale') await scanning.scanner.refresh();
    const { state } = host();
    expect(state.kind).toBe(kind);
    if (!('failure' in state) || kind === 'no-gpu' || kind === 'gpu-error') return;
    expect(state.failure.nextAttemptAt !== null).toBe(errors[state.failure.code].retryable);
  });

  it('is connecting while its meter is on the way, and queued while another one is', async () => {
    const step = gate();
    const source = scriptedSource((events) => ({
      async connect() {
        events.onStep('handshake');
        await step.passed;
      },
    }));
    const limits = { ...defaultSettings.limits, hosts: 1 };
    const { scanning, host } = scanWith([source], { aliases: ['a', 'b'], settings: { limits } });
    const scan = scanning.scanner.scan();
    await vi.waitFor(() => expect(host('a').state).toEqual({ kind: 'connecting', step: 'handshake' }));
    expect(host('b').state).toEqual({ kind: 'queued' });
    step.open();
    await scan;
    expect([host('a').state.kind, host('b').state.kind]).toEqual(['up', 'up']);
  });

  it('is unresolved again where its first scan is cancelled', async () => {
    const source = scriptedSource((events) => ({
      async connect({ signal: cancelled }) {
        events.onStep('connect');
        await new Promise((_, reject) => cancelled.addEventListener('abort', reject));
      },
    }));
    const { scanning, host } = scanWith([source]);
    const scan = scanning.scanner.scan();
    await vi.waitFor(() => expect(host().state.kind).toBe('connecting'));
    scanning.scanner.cancel();
    await scan;
    expect(host().state).toEqual({ kind: 'unresolved' });
  });
});

describe('what is measured', () => {
  it('is in the row, with the facts and the servers of the meter', async () => {
    const found = server('a', 8000, ['llama']);
    const endpoint = { hostname: 'a.example', port: 22, user: 'ada' };
    const { measure, host, store } = tracked((events) => ({
      async connect() {
        events.onFacts({ endpoint, client: 'built-in' });
      },
      async servers({ find, known }) {
        events.onFacts({ forwarding: 'allowed' });
        return find ? [found] : known;
      },
    }));
    await measure({ signal, ports: true });
    const facts = { endpoint, client: 'built-in', forwarding: 'allowed' };
    expect(host()).toMatchObject({ state: { kind: 'up' }, ...facts, driverVersion: '550.54' });
    expect(host().gpus).toMatchObject([{ uuid: 'GPU-0', samples: 1 }]);
    expect(store.current().servers).toEqual([found]);
    const before = store.current().servers;
    await measure({ signal, ports: false });
    expect(store.current().servers).toBe(before);
    expect(host().gpus).toMatchObject([{ samples: 2 }]);
  });

  it('of a host that is lost is not shown as if it were of now', async () => {
    let reached = true;
    const { measure, host, store } = tracked(() => ({
      connect: async () => (reached ? undefined : fails('host-unreachable')()),
      servers: async () => [server('a', 8000, ['llama'])],
    }));
    await measure({ signal, ports: true });
    const { measuredAt } = host();
    reached = false;
    await measure({ signal, ports: false });
    expect(host()).toMatchObject({ state: { kind: 'stale' }, gpus: [{ utilPct: null }] });
    expect(store.current().servers).toMatchObject([
      { state: { kind: 'lost', what: 'host', since: measuredAt } },
    ]);
  });

  it('ends with a failure that names what shows the same in a terminal', async () => {
    const { measure, host } = tracked(() => ({
      connect: fails('connection-refused'),
      command: () => 'ssh a',
    }));
    await measure({ signal, ports: true });
    expect(host().state).toMatchObject({ failure: { command: 'ssh a', detail: 'as scripted' } });
  });
});

describe('measurements at the same time', () => {
  const counted = () => {
    const processes: boolean[] = [];
    const step = gate();
    const one = tracked(() => ({
      async read(query) {
        processes.push(query.processes);
        await step.passed;
        return oneGpu;
      },
    }));
    return { ...one, processes, step };
  };

  it('are one, and one more where that one looks at less', async () => {
    const { measure, processes, step } = counted();
    const all = [false, false, true, true].map((ports) => measure({ signal, ports }));
    step.open();
    await Promise.all(all);
    expect(processes).toEqual([false, true]);
  });

  it('are none while a person logs in, also those that waited for another one', async () => {
    const { measure, logIn, processes, step, host } = counted();
    const first = measure({ signal, ports: false });
    const waiting = measure({ signal, ports: true });
    const login = logIn({ ...askNobody, interactive: true }, signal);
    const late = measure({ signal, ports: true });
    await late;
    expect(await logIn(askNobody, signal)).toBe(false);
    step.open();
    await Promise.all([first, waiting]);
    expect(await login).toBe(true);
    // The one that was under way, and the one after the login.
    expect(processes).toEqual([false, true]);
    expect(host().state).toEqual({ kind: 'up' });
  });
});

describe('a login', () => {
  it('asks the person, and nobody else does', async () => {
    const asked: (boolean | undefined)[] = [];
    const { logIn } = tracked(() => ({
      async connect({ asking }) {
        asked.push(asking?.interactive);
      },
    }));
    expect(await logIn({ ...askNobody, interactive: true }, signal)).toBe(true);
    expect(asked).toEqual([true, undefined]);
  });

  it('that fails says why, and one that is given up leaves the host as it was', async () => {
    const given = new AbortController();
    let isGivenUp = false;
    const { measure, logIn, host, isDue } = tracked(() => ({
      async connect() {
        if (isGivenUp) given.abort();
        await fails('auth-failed')();
      },
    }));
    await measure({ signal, ports: true });
    const refused = host().state;
    expect(await logIn(askNobody, signal)).toBe(false);
    expect(host().state).toEqual(refused);
    expect(isDue()).toBe(false);
    isGivenUp = true;
    expect(await logIn(askNobody, given.signal)).toBe(false);
    expect(host().state).toEqual(refused);
  });
});

describe('a connection that ends between two measurements', () => {
  const lost = async (isConnected: boolean) => {
    const told: MeterEvents[] = [];
    const one = tracked((events) => {
      told.push(events);
      return { isConnected: () => isConnected };
    });
    await one.measure({ signal, ports: true });
    told[0]?.onLost(new AppError('connection-lost'));
    return one;
  };

  it('has the host tried again soon, and its row kept until that fails', async () => {
    const { isDue, retries, host } = await lost(false);
    expect(retries.of('a').plan()).toMatchObject({ failure: { code: 'connection-lost' } });
    expect(host().state).toEqual({ kind: 'up' });
    await vi.waitFor(() => expect(isDue()).toBe(true));
  });

  it('is no loss where another one is there', async () => {
    const { isDue, retries } = await lost(true);
    expect(retries.of('a').plan()).toBeNull();
    expect(isDue()).toBe(false);
  });
});

it('another time for the next attempt is shown at once', async () => {
  const source = scriptedSource(() => ({ connect: fails('connection-refused'), command: () => 'ssh a' }));
  const { scanning, retries, host } = scanWith([source]);
  await scanning.scanner.scan();
  const clock = retries.of('a');
  const first = clock.plan()?.failure.nextAttemptAt;
  await clock.attempt(fails('host-unreachable')).catch(() => undefined);
  const plan = clock.plan()?.failure;
  expect(plan?.nextAttemptAt).not.toBe(first);
  expect(host().state).toEqual({ kind: 'unreachable', failure: { ...plan, command: 'ssh a' } });
});

it('a host that is let go of while it is measured changes nothing any more', async () => {
  const step = gate();
  const { measure, close, host, store } = tracked((events) => ({
    async connect() {
      await step.passed;
      events.onFacts({ client: 'system' });
    },
    servers: async () => [server('a', 8000, ['llama'])],
  }));
  const measured = measure({ signal, ports: true });
  close();
  step.open();
  await measured;
  await measure({ signal, ports: true });
  expect(host()).toMatchObject({ state: { kind: 'unresolved' }, client: null, gpus: [] });
  expect(store.current().servers).toEqual([]);
});
