/** That what the rules decide is done, once, and shown. */

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { Forward } from '#common/forwards.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import { createAutoForwarder } from '#engine/forward/auto-forwarder.ts';
import { createStore } from '#engine/store.ts';
import { anOtherForward } from '../../../support/samples.ts';
import { forward, host, server, snapshot } from '../../../support/snapshot.ts';
import { resolvedHost } from '../../../support/ssh/resolved-host.ts';

interface World {
  readonly rules?: Partial<Settings['autoForward']>;
  /** When this computer was looked at; null: not yet. */
  readonly lookedAt?: number | null;
  /** What opening does; default: it opens. */
  readonly open?: (hostId: string) => Promise<void>;
  /** Aliases that the configuration does not resolve. */
  readonly unresolved?: readonly string[];
}

/** Rules over two models, on hosts `a` and `b`, whose forwards open and close in the Snapshot alone. */
function world({ rules, lookedAt = 1, open, unresolved = [] }: World = {}) {
  const autoForward = { ...defaultSettings.autoForward, enabled: true, ...rules };
  const store = createStore(
    snapshot({
      hosts: [host('a'), host('b')],
      servers: [server('a', 8000, ['org/one']), server('b', 8000, ['org/two'])],
      settings: { ...defaultSettings, autoForward },
      otherForwards: { ...snapshot().otherForwards, lookedAt },
    }),
  );
  const done: string[] = [];
  const log: string[] = [];
  const forwards = {
    async open({ hostId, remotePort }: { hostId: string; remotePort: number }): Promise<Forward> {
      done.push(`open ${hostId}`);
      await open?.(hostId);
      const opened = forward(hostId, remotePort, { origin: 'auto' });
      store.apply({ kind: 'forward-changed', forward: opened });
      return opened;
    },
    async close(id: string) {
      done.push(`close ${id}`);
      store.apply({ kind: 'forward-closed', forwardId: id });
    },
  };
  const auto = createAutoForwarder({
    store,
    forwards: forwards as never,
    tmux: {
      async openTmuxForward({ hostId, remotePort }) {
        done.push(`tmux ${hostId}`);
        const id = `tmux ${hostId}`;
        const opened = { ...anOtherForward, id, hostId, remotePort };
        const otherForwards = store.current().otherForwards;
        const all = [...otherForwards.forwards, opened];
        store.apply({ kind: 'parts-changed', parts: { otherForwards: { ...otherForwards, forwards: all } } });
        return opened;
      },
      kill: async (id) => void done.push(`kill ${id}`),
    },
    memory: { copies: () => [] },
    resolver: {
      async resolve(alias) {
        if (unresolved.includes(alias)) throw new AppError('resolve-failed');
        return resolvedHost({ alias, hostname: `${alias}.example` });
      },
    },
    log: (_level, text) => log.push(text),
  });
  onTestFinished(async () => {
    await auto.dispose();
    store.dispose();
  });
  const entries = () => store.current().autoForwards.map(({ serverId, status }) => [serverId, status]);
  const change = (parts: object) => store.apply({ kind: 'parts-changed', parts });
  const set = (more: Partial<Settings['autoForward']>) =>
    change({ settings: { ...store.current().settings, autoForward: { ...autoForward, ...more } } });
  return { auto, store, done, log, entries, set, change };
}

describe('auto-forward', () => {
  it('opens each model once, and shows that it did', async () => {
    const { auto, done, entries } = world();
    await auto.settle();
    expect(done).toEqual(['open a', 'open b']);
    expect(entries()).toEqual([
      ['a:8000', 'forwarded'],
      ['b:8000', 'forwarded'],
    ]);
    await auto.settle();
    expect(done).toHaveLength(2);
  });

  it.each<[string, World]>([
    ['while it is switched off', { rules: { enabled: false } }],
    ['before it is known what other programs forward', { lookedAt: null }],
  ])('does and shows nothing %s', async (_name, given) => {
    const { auto, done, entries } = world(given);
    await auto.settle();
    expect([done, entries()]).toEqual([[], []]);
  });

  it('shows nothing any more when it is switched off, and leaves what is open', async () => {
    const { auto, store, done, entries, set } = world();
    await auto.settle();
    set({ enabled: false });
    await auto.settle();
    expect(entries()).toEqual([]);
    expect(store.current().forwards).toHaveLength(2);
    expect(done).toHaveLength(2);
  });

  it('closes what is not allowed any more, and only that', async () => {
    const { auto, store, done, entries, set } = world();
    await auto.settle();
    set({ denyHosts: ['a'] });
    await auto.settle();
    expect(done.slice(2)).toEqual(['close a:8000']);
    expect(store.current().forwards.map(({ id }) => id)).toEqual(['b:8000']);
    expect(entries()).toContainEqual(['a:8000', 'not-allowed']);
  });

  it('says why one does not open, which stops no other, and waits before it tries again', async () => {
    const { auto, store, done, log, entries } = world({
      async open(hostId) {
        if (hostId === 'a') throw new AppError('ports-exhausted');
      },
    });
    await auto.settle();
    await auto.settle();
    expect(done).toEqual(['open a', 'open b']);
    expect(entries()).toEqual([
      ['a:8000', 'no-free-port'],
      ['b:8000', 'forwarded'],
    ]);
    expect(store.current().autoForwards[0]?.failure?.nextAttemptAt).toBeGreaterThan(Date.now());
    expect(log).toEqual(['a:8000 is not forwarded: ports-exhausted']);
  });

  it('does not open again what a person has closed', async () => {
    const { auto, store, done, entries } = world();
    await auto.settle();
    store.apply({ kind: 'forward-closed', forwardId: 'a:8000' });
    await auto.settle();
    expect(done).toHaveLength(2);
    expect(entries()).toContainEqual(['a:8000', 'not-allowed']);
  });

  it('opens in tmux where the settings say so', async () => {
    const { auto, done, entries } = world({ rules: { tmux: true } });
    await auto.settle();
    expect(done).toEqual(['tmux a', 'tmux b']);
    expect(entries().map(([, status]) => status)).toEqual(['forwarded', 'forwarded']);
  });

  it('takes an alias that cannot be resolved for a host of its own', async () => {
    const { auto, done } = world({ unresolved: ['a', 'b'] });
    await auto.settle();
    expect(done).toEqual(['open a', 'open b']);
  });

  it('decides again when something has changed, once it was started', async () => {
    const { auto, store, done, change } = world();
    auto.start();
    await vi.waitFor(() => expect(done).toEqual(['open a', 'open b']));
    change({ servers: [...store.current().servers, server('b', 9000, ['org/three'])] });
    await vi.waitFor(() => expect(store.current().forwards.map(({ id }) => id)).toContain('b:9000'));
  });

  it('opens nothing more when it is disposed of, and has then ended', async () => {
    const { auto, done } = world();
    await auto.dispose();
    await auto.settle();
    expect(done).toEqual([]);
  });

  it('goes on after a decision that fails', async () => {
    const { auto, store, log, done } = world();
    const { current } = store;
    let isBroken = true;
    Object.assign(store, {
      current() {
        if (isBroken) throw new Error('broken');
        return current();
      },
    });
    await auto.settle();
    expect(log).toEqual(['auto-forward: Error: broken']);
    isBroken = false;
    await auto.settle();
    expect(done).toEqual(['open a', 'open b']);
  });
});
