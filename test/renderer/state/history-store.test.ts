import { afterEach, expect, test, vi } from 'vitest';
import { createBridge, type LinkState } from '#common/bridge.ts';
import type { CallInput } from '#common/contract.ts';
import { columnName, thinned } from '#common/history.ts';
import type { Host } from '#common/hosts.ts';
import type { Event } from '#common/reduce.ts';
import type { ModelLoad } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createHistory } from '#engine/history/history.ts';
import { createStore } from '#engine/store.ts';
import { createHistoryStore } from '../../../renderer/state/history-store.ts';
import { createSnapshotStore } from '../../../renderer/state/snapshot-store.ts';
import { directTransport } from '../../support/contract/direct-transport.ts';
import { answers } from '../answers.ts';
import { busyGpu, failedHost, host, server, snapshot } from '../samples.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const start = Date.now() - 30_000;
const measured = (at: number, utilPct: number): Host =>
  host('a', 0, 0, { gpus: [busyGpu(0, { utilPct })], measuredAt: start + at });
const util = columnName('GPU-0', 'utilPct');

/** The window's stores over the engine's own store and history. */
async function open(initial: Snapshot, before: readonly Host[] = []) {
  const store = createStore(initial);
  const history = createHistory();
  for (const one of before) history.observe({ ...initial, hosts: [one] });
  history.observe(initial);
  store.subscribe(() => history.observe(store.current()));
  const asked: CallInput<'history.get'>[] = [];
  const links = new Set<(link: LinkState) => void>();
  const handlers = {
    ...answers(store),
    'history.get': (input: CallInput<'history.get'>) => {
      asked.push(input);
      const tracks = history.read(input.ids, input.sinceMs);
      const { stepMs } = input;
      return stepMs === undefined ? tracks : tracks.map((track) => thinned(track, { stepMs }));
    },
  };
  const bridge = createBridge({
    ...directTransport(handlers, store.subscribe),
    onLink: (listener) => {
      links.add(listener);
      return () => links.delete(listener);
    },
  });
  const snapshots = createSnapshotStore(bridge);
  const tracks = createHistoryStore({ bridge, store: snapshots });
  closing.push(() => {
    tracks.dispose();
    snapshots.dispose();
    store.dispose();
  });
  await vi.waitFor(() => expect(snapshots.get().snapshot).not.toBeNull());
  return {
    tracks,
    asked,
    apply: (event: Event) => store.apply(event),
    setLink: (link: LinkState) => {
      for (const listener of links) listener(link);
    },
  };
}

test('rows that come together are asked for in one call, and continued with what the Snapshot brings', async () => {
  const first = snapshot({ hosts: [measured(5000, 20), host('b', 1, 0)] });
  const { tracks, asked, apply } = await open(first, [measured(0, 10)]);
  const told = vi.fn();
  tracks.watch('a', 'day', told);
  tracks.watch('b', 'day', () => undefined);
  await vi.waitFor(() => expect(tracks.get('a')?.columns[util]).toEqual([10, 20]));
  expect(asked).toEqual([{ ids: ['a', 'b'] }]);
  told.mockClear();
  apply({ kind: 'host-changed', host: measured(10_000, 30) });
  await vi.waitFor(() => expect(tracks.get('a')?.columns[util]).toEqual([10, 20, 30]));
  expect(tracks.get('a')?.times).toEqual([start, start + 5000, start + 10_000]);
  expect(told).toHaveBeenCalledTimes(1);
  expect(asked).toHaveLength(1);
});

test('a host that stops answering ends its line, and begins a new one when it is back', async () => {
  const { tracks, apply } = await open(snapshot({ hosts: [measured(0, 10)] }));
  tracks.watch('a', 'day', () => undefined);
  await vi.waitFor(() => expect(tracks.get('a')?.columns[util]).toEqual([10]));
  const { state } = failedHost('a');
  apply({ kind: 'host-changed', host: { ...measured(0, 10), state } });
  await vi.waitFor(() => expect(tracks.get('a')?.columns[util]).toEqual([10, null]));
  apply({ kind: 'host-changed', host: measured(20_000, 40) });
  await vi.waitFor(() => expect(tracks.get('a')?.columns[util]).toEqual([10, null, 40]));
});

test('a small graph asks for means of half a minute, and for everything once a chart is opened', async () => {
  const { tracks, asked } = await open(snapshot({ hosts: [measured(0, 10)] }));
  tracks.watch('a', 'recent', () => undefined);
  await vi.waitFor(() => expect(tracks.get('a')).toBeDefined());
  expect(asked).toEqual([{ ids: ['a'], stepMs: 30_000, sinceMs: expect.any(Number) }]);
  tracks.watch('a', 'day', () => undefined);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  expect(asked[1]).toEqual({ ids: ['a'] });
});

test('a row that is scrolled away at once is not asked for; one that comes back finds its track', async () => {
  const { tracks, asked } = await open(snapshot({ hosts: [measured(0, 10), host('b', 1, 0)] }));
  tracks.watch('b', 'recent', () => undefined)();
  const leave = tracks.watch('a', 'recent', () => undefined);
  await vi.waitFor(() => expect(tracks.get('a')).toBeDefined());
  expect(asked.map(({ ids }) => ids)).toEqual([['a']]);
  leave();
  const known = tracks.get('a');
  tracks.watch('a', 'recent', () => undefined);
  expect(tracks.get('a')).toBe(known);
});

test('after a lost link the past is asked for again', async () => {
  const { tracks, asked, setLink } = await open(snapshot({ hosts: [measured(0, 10)] }));
  tracks.watch('a', 'recent', () => undefined);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  setLink('lost');
  setLink('open');
  await vi.waitFor(() => expect(asked).toHaveLength(2));
});

test('the load of a server is continued at the clock of its host', async () => {
  const load = (running: number) => ({ model: 'm', running, ttft: null }) as ModelLoad;
  const serving = (running: number) => server('a', 8000, ['m'], { loads: [load(running)] });
  const { tracks, apply } = await open(snapshot({ hosts: [measured(0, 10)], servers: [serving(1)] }));
  tracks.watch('a:8000', 'day', () => undefined);
  await vi.waitFor(() => expect(tracks.get('a:8000')?.times).toHaveLength(1));
  const later = Date.now() + 60_000;
  apply({ kind: 'host-changed', host: { ...measured(0, 10), measuredAt: later } });
  apply({ kind: 'servers-found', hostId: 'a', servers: [serving(7)] });
  await vi.waitFor(() => expect(tracks.get('a:8000')?.columns['m running']).toEqual([1, 7]));
  expect(tracks.get('a:8000')?.times.at(-1)).toBe(later);
});
