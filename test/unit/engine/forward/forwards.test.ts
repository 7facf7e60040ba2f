import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError, type ErrorCode } from '#common/errors.ts';
import type { Forward } from '#common/model.ts';
import { createForwards } from '#engine/forward/forwards.ts';
import { defaultSettings } from '#engine/settings.ts';
import type { Connection, Pool } from '#engine/ssh/pool.ts';
import { createStore } from '#engine/store.ts';
import { host, snapshot } from '../../common/samples.ts';
import { localTransport } from './local-transport.ts';

// Whatever comes by itself comes by a timer, four seconds later at the earliest; the clock stands still.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Forwards to hosts that are named after what they fail with, once they are lost. */
async function lostForwards(codes: readonly ErrorCode[]) {
  const store = createStore(snapshot({ hosts: codes.map((code) => host(code)) }));
  const open = new Map<string, ReturnType<typeof localTransport>>();
  const reachable = new Set<string>(codes);
  const pool: Pick<Pool, 'get' | 'peek'> = {
    async get(alias) {
      if (!reachable.has(alias)) throw new AppError(alias as ErrorCode);
      const transport = open.get(alias) ?? localTransport();
      open.set(alias, transport);
      return { transport } as unknown as Connection;
    },
    peek: (alias) => (open.has(alias) ? ({} as Connection) : null),
  };
  const settings = { ...defaultSettings, localPorts: { from: 17_400, to: 17_449 } };
  const forwards = createForwards({ pool: pool as Pool, store, settings });
  for (const hostId of codes) await forwards.open({ hostId, remotePort: 1 });
  for (const [alias, transport] of open) {
    reachable.delete(alias);
    open.delete(alias);
    transport.lose();
  }
  await vi.advanceTimersByTimeAsync(500);
  const states = (): Record<string, Forward['state']['kind']> =>
    Object.fromEntries(store.current().forwards.map(({ hostId, state }) => [hostId, state.kind]));
  return { store, pool, forwards, reachable, states };
}

describe('forwards that are away', () => {
  it('are tried at once on a new network, but for those that must wait or need a person', async () => {
    const { forwards, reachable, states } = await lostForwards([
      'connection-refused',
      'throttled',
      'auth-failed',
    ]);
    expect(states()).toEqual({
      'connection-refused': 'retrying',
      throttled: 'retrying',
      'auth-failed': 'failed',
    });
    for (const alias of ['connection-refused', 'throttled', 'auth-failed']) reachable.add(alias);
    forwards.hurry();
    await vi.waitFor(() => expect(states()['connection-refused']).toBe('listening'), { interval: 1 });
    expect(states()).toMatchObject({ throttled: 'retrying', 'auth-failed': 'failed' });
    await forwards.dispose();
  });

  it('come back when their host is reached again, whatever they failed with', async () => {
    const { store, pool, forwards, reachable, states } = await lostForwards(['throttled', 'auth-failed']);
    reachable.add('auth-failed').add('throttled');
    await pool.get('auth-failed');
    store.apply({ kind: 'host-changed', host: host('auth-failed', { measuredAt: 1 }) });
    store.snapshot();
    await vi.waitFor(() => expect(states()['auth-failed']).toBe('listening'), { interval: 1 });
    expect(states().throttled).toBe('retrying');
    await forwards.dispose();
  });
});
