import { describe, expect, it, vi } from 'vitest';
import type { Host, HostState } from '#common/hosts.ts';
import { defaultSettings } from '#common/settings.ts';
import type { ScanState } from '#common/snapshot.ts';
import { createScanner } from '#engine/scan/scanner.ts';
import type { MeasureOptions, TrackedHost } from '#engine/scan/tracked-host.ts';
import { createStore } from '#engine/store.ts';
import { aFailure } from '../../../support/samples.ts';
import { failed, host, snapshot } from '../../../support/snapshot.ts';
import { unseen } from './scripted.ts';

interface Measurement extends MeasureOptions {
  readonly hostId: string;
  end(): void;
}

/** A scanner whose measurements end when the test says so. */
function scanning(hosts: readonly Host[], atOnce = 64) {
  const limits = { ...defaultSettings.limits, hosts: atOnce };
  const store = createStore(snapshot({ hosts, settings: { ...defaultSettings, limits } }));
  const measurements: Measurement[] = [];
  const measure = (hostId: string, options: MeasureOptions): Promise<void> =>
    new Promise((resolve) => {
      options.signal.addEventListener('abort', () => resolve());
      measurements.push({ ...options, hostId, end: resolve });
    });
  const expected: (readonly string[])[] = [];
  const scanner = createScanner({
    store,
    expect: (hostIds) => void expected.push(hostIds),
    tracked: (hostId) => ({ measure: (options) => measure(hostId, options) }) as TrackedHost,
  });
  const states = (): Record<string, HostState['kind']> =>
    Object.fromEntries(store.current().hosts.map(({ id, state }) => [id, state.kind]));
  const begun = (count: number) => vi.waitFor(() => expect(measurements).toHaveLength(count));
  const endAll = (): void => {
    for (const { end } of measurements) end();
  };
  const scan = (): ScanState => store.current().scan;
  return { store, scanner, measurements, states, begun, endAll, expected, scan };
}

describe('a scan of all hosts', () => {
  it('measures each once, no more at a time than the limit, and says how far it is', async () => {
    const { scanner, measurements, begun, scan, states } = scanning(['a', 'b', 'c'].map(unseen), 2);
    const scanned = scanner.scan();
    await begun(2);
    expect(scan()).toMatchObject({ kind: 'running', done: 0, total: 3 });
    expect(states()).toEqual({ a: 'queued', b: 'queued', c: 'queued' });
    measurements[0]?.end();
    await begun(3);
    expect(scan()).toMatchObject({ kind: 'running', done: 1, total: 3 });
    for (const { end } of measurements) end();
    await scanned;
    expect(scan()).toMatchObject({ kind: 'done', done: 3, total: 3 });
    expect(measurements.map(({ hostId, ports }) => [hostId, ports])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ]);
  });

  it('says which hosts it will reach, and when there are no more of them; that of some does not', async () => {
    const { scanner, begun, endAll, expected } = scanning(['a', 'b', 'c'].map(unseen), 1);
    const some = scanner.scan(['b']);
    await begun(1);
    endAll();
    await some;
    expect(expected).toEqual([]);
    const all = scanner.scan();
    expect(expected).toEqual([['a', 'b', 'c']]);
    scanner.cancel();
    await all;
    expect(expected).toEqual([['a', 'b', 'c'], []]);
  });

  it('is joined by another one', async () => {
    const { scanner, measurements, begun, endAll } = scanning([unseen('a')]);
    const both = [scanner.scan(), scanner.scan()];
    await begun(1);
    endAll();
    await Promise.all(both);
    expect(measurements).toHaveLength(1);
    const again = scanner.scan();
    await begun(2);
    endAll();
    await again;
  });

  it('leaves those their state that are up, show old numbers or are on their way', async () => {
    const waits = aFailure('no-gpu-tool');
    const { scanner, states, begun, endAll } = scanning([
      host('up', { state: { kind: 'up' } }),
      host('no-gpu', { state: { kind: 'no-gpu', failure: waits } }),
      host('stale', { state: failed('stale') }),
      host('connecting', { state: { kind: 'connecting', step: 'shell' } }),
      host('unreachable', { state: failed() }),
      unseen('unresolved'),
    ]);
    const scanned = scanner.scan();
    await begun(6);
    expect(states()).toEqual({
      up: 'up',
      'no-gpu': 'no-gpu',
      stale: 'stale',
      connecting: 'connecting',
      unreachable: 'queued',
      unresolved: 'queued',
    });
    endAll();
    await scanned;
  });

  it('that is cancelled ends, and what waited for its turn is unresolved again', async () => {
    const { scanner, measurements, begun, states, scan } = scanning(['a', 'b', 'c'].map(unseen), 1);
    const scanned = scanner.scan();
    await begun(1);
    measurements[0]?.end();
    await begun(2);
    scanner.cancel();
    await scanned;
    expect(measurements).toHaveLength(2);
    expect(scan()).toMatchObject({ kind: 'cancelled', done: 1, total: 3 });
    expect(states()).toMatchObject({ b: 'unresolved', c: 'unresolved' });
  });
});

describe('a scan of named hosts', () => {
  it('goes on beside one of all, and is no scan of the cluster', async () => {
    const { scanner, measurements, begun, endAll, scan } = scanning(['a', 'b'].map(unseen), 1);
    const before = scan();
    const named = scanner.scan(['b']);
    await begun(1);
    expect(scan()).toBe(before);
    const all = scanner.scan();
    await begun(2);
    expect(measurements.map(({ hostId }) => hostId)).toEqual(['b', 'a']);
    measurements[1]?.end();
    await begun(3);
    endAll();
    await Promise.all([named, all]);
    expect(scan()).toMatchObject({ kind: 'done', total: 2 });
  });
});

it('a refresh measures those that are up, and looks for no servers', async () => {
  const hosts = [host('up', { state: { kind: 'up' } }), host('away', { state: failed() }), unseen('new')];
  const { scanner, measurements, begun, endAll, states } = scanning(hosts);
  const refreshed = scanner.refresh();
  await begun(1);
  endAll();
  await refreshed;
  expect(measurements).toMatchObject([{ hostId: 'up', ports: false }]);
  expect(states()).toEqual({ up: 'up', away: 'unreachable', new: 'unresolved' });
});

it('nothing runs any more once it is disposed of', async () => {
  const { scanner, measurements, begun } = scanning(['a', 'b'].map(unseen));
  const all = scanner.scan();
  const named = scanner.scan(['a']);
  await begun(3);
  await scanner.dispose();
  await Promise.all([all, named]);
  expect(measurements.every(({ signal }) => signal.aborted)).toBe(true);
});
