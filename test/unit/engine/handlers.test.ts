/** What the engine's calls do with its parts: the store, the settings, the keys and the history are the real ones. */

import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createHandlers, type HandlerDeps } from '#engine/handlers.ts';
import { createHistory } from '#engine/history/history.ts';
import { createRetries } from '#engine/scan/retries.ts';
import type { Scanner } from '#engine/scan/scanner.ts';
import { createApiKeys } from '#engine/secrets/api-keys.ts';
import { createSettingsKeeper } from '#engine/settings/settings-keeper.ts';
import { createTrust } from '#engine/ssh/trust/trust.ts';
import { createStore } from '#engine/store.ts';
import { aFailure } from '../../support/samples.ts';
import { gpu, host, server, snapshot } from '../../support/snapshot.ts';

/** The handlers over this Snapshot; `scans` are the hosts that were to be scanned, null for all. */
function handle(fields: Partial<Snapshot> = {}) {
  const store = createStore(snapshot(fields));
  const scans: (readonly string[] | null)[] = [];
  const scanner: Scanner = {
    scan: async (hostIds) => void scans.push(hostIds ?? null),
    refresh: async () => undefined,
    cancel: () => undefined,
    dispose: async () => undefined,
  };
  const retries = createRetries({ companions: () => [], random: () => 0.9 });
  const saved: string[] = [];
  const polls: string[] = [];
  const parts = {
    store,
    scanner,
    retries,
    trust: createTrust({
      onMet: (hostKey) => store.apply({ kind: 'host-key-met', hostKey }),
    }),
    apiKeys: createApiKeys(null, () => undefined),
    history: createHistory(),
    fleet: { pollAll: async () => void polls.push('all') },
    settings: createSettingsKeeper({
      store,
      save: async ({ theme }) => void saved.push(theme),
      onChange: () => undefined,
    }),
  };
  return { ...parts, scans, polls, saved, calls: createHandlers(parts as unknown as HandlerDeps) };
}

const welcomed = { ...defaultSettings, welcomed: true };
const hosts = [host('a'), host('b')];

describe('a scan', () => {
  it('contacts nothing before the person has been welcomed', () => {
    const { calls, scans } = handle({ hosts });
    expect(calls['scan.start']({})).toEqual({ total: 0 });
    expect(scans).toEqual([]);
  });

  it('is of all hosts, or of the named ones, and says of how many', () => {
    const { calls, scans, polls } = handle({ hosts, settings: welcomed });
    expect(calls['scan.start']({})).toEqual({ total: 2 });
    expect(calls['scan.start']({ hostIds: ['b'] })).toEqual({ total: 1 });
    expect(scans).toEqual([null, ['b']]);
    // Sources of Prometheus are asked with all hosts, and not for one that only SSH reaches.
    expect(polls).toEqual(['all']);
  });
});

it('a look brings the next attempt of the hosts that are listed, and of no other', async () => {
  const { calls, retries } = handle({ hosts });
  for (const hostId of ['a', 'gone']) {
    const attempt = retries.of(hostId).attempt(() => Promise.reject(new AppError('connection-refused')));
    await expect(attempt).rejects.toMatchObject({ code: 'connection-refused' });
  }
  const before = retries.of('gone').plan();
  calls['host.look']({ hostIds: ['a', 'gone'] });
  expect(retries.of('gone').plan()).toEqual(before);
  expect(retries.of('a').plan()).not.toEqual(before);
  retries.dispose();
});

it('accepted host keys are trusted, forgotten, and followed by a scan of the hosts that waited for them', () => {
  const { calls, trust, store, scans } = handle({ hosts });
  const met = { name: 'a.example', type: 'ssh-ed25519', fingerprint: 'SHA256:x', file: '/kh' };
  const keyId = trust.meet({ ...met, key: Buffer.from('key') });
  const waiting = {
    kind: 'unreachable',
    failure: aFailure('hostkey-unknown', { hostKeyId: keyId }),
  } as const;
  store.apply({ kind: 'hosts-changed', hosts: [host('a', { state: waiting })] });
  expect(store.current().hostKeys.map(({ id }) => id)).toEqual([keyId]);
  calls['hostKey.accept']({ keyIds: [keyId] });
  expect(trust.accepts('a.example', Buffer.from('key'))).toBe(true);
  expect(store.current().hostKeys).toEqual([]);
  expect(scans).toEqual([['a']]);
});

describe('an API key', () => {
  const listed = server('a', 8000, []);

  it('is kept for its server, whose host is scanned with it', () => {
    const { calls, apiKeys, scans } = handle({ hosts, servers: [listed] });
    calls['server.setKey']({ serverId: listed.id, key: 'sk-1' });
    expect(apiKeys.get(listed.id)).toBe('sk-1');
    expect(scans).toEqual([['a']]);
  });

  it('for a server that has gone is not kept', () => {
    const { calls, apiKeys } = handle({ hosts });
    expect(() => calls['server.setKey']({ serverId: listed.id, key: 'sk-1' })).toThrow('not there any more');
    expect(apiKeys.get(listed.id)).toBeNull();
  });
});

it('a changed setting is published before the call is answered', async () => {
  const { calls, store, saved } = handle();
  const order: string[] = [];
  store.subscribe(({ settings }) => order.push(`patch ${settings?.theme}`));
  await Promise.resolve(calls['settings.update']({ change: { theme: 'dark' } })).then(() =>
    order.push('answer'),
  );
  expect(order).toEqual(['patch dark', 'answer']);
  expect(saved).toEqual(['dark']);
});

it('a past is given whole, or with one row for each step', async () => {
  const { calls, history } = handle();
  for (const at of [1000, 1100, 1200])
    history.observe(
      snapshot({ hosts: [host('a', { gpus: [gpu()], state: { kind: 'up' }, measuredAt: at })] }),
    );
  const [whole] = await calls['history.get']({ ids: ['a'] });
  const [thin] = await calls['history.get']({ ids: ['a'], stepMs: 1000 });
  expect([whole?.times, thin?.times]).toEqual([[1000, 1100, 1200], [1000]]);
});
