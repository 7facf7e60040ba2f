import { stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Host } from '#common/hosts.ts';
import { createHostList } from '#engine/host-list.ts';
import { createRetries } from '#engine/scan/retries.ts';
import type { Resolver } from '#engine/ssh/config/resolve.ts';
import type { ResolvedHost } from '#engine/ssh/config/resolved.ts';
import type { Pool } from '#engine/ssh/pool.ts';
import { createStore } from '#engine/store.ts';
import { createUpkeep } from '#engine/upkeep.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { aFailure } from '../../support/samples.ts';
import { host, snapshot } from '../../support/snapshot.ts';

// A computer without a network waits for one, and one that gets another address is woken.
vi.mock('#engine/network/own-interfaces.ts', () => ({
  ownInterfaces: () => ({ eth0: [{ internal: false, address: '10.0.0.2' }] }),
}));

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const until = (check: () => void) => vi.waitFor(check, { interval: 20 });

/** Upkeep over a real configuration; what it has scanned and let go of is counted. */
async function kept(hosts: readonly Host[] = []) {
  const sshConfigPath = await folder.write('.ssh/config', config(['a', 'b']));
  const knownHosts = await folder.write('.ssh/known_hosts', '');
  const key = await folder.write('.ssh/id_ed25519', 'not read');
  // What is as young as its reading counts as changed since.
  const { ctimeMs } = await stat(key);
  await until(() => expect(Date.now() - ctimeMs).toBeGreaterThan(100));
  const store = createStore(snapshot({ hosts }));
  const calls: { scanned: string[][]; retained: string[][]; listed: string[][]; checks: number } = {
    scanned: [],
    retained: [],
    listed: [],
    checks: 0,
  };
  const known = {
    hostKeys: { userFiles: [knownHosts], globalFiles: [] },
    identity: { files: [key], agentSocket: null },
  };
  const resolver: Resolver = {
    expect: async () => undefined,
    resolve: async () => known as unknown as ResolvedHost,
    resolveHop: () => Promise.reject(new Error('there is none')),
    read: () => Promise.reject(new Error('there is none')),
    forget: () => undefined,
    dispose: async () => undefined,
  };
  const open = new Set<string>();
  const pool = {
    peek: (alias: string) => (open.has(alias) ? {} : null),
    known: () => [known],
    async check() {
      calls.checks += 1;
    },
    retain: async (aliases: readonly string[]) => void calls.retained.push([...aliases]),
  } as unknown as Pool;
  const retries = createRetries({ companions: () => [] });
  const hostList = createHostList({
    sshConfigPath,
    otherProblems: () => [],
    home: folder.path,
    store,
    resolver,
  });
  const scan = async (hostIds: readonly string[] = []) => void calls.scanned.push([...hostIds]);
  const upkeep = createUpkeep({
    store,
    hostList,
    resolver,
    pool,
    retries,
    scanner: { scan, refresh: scan, cancel: () => undefined, dispose: async () => undefined },
    onHosts: (hostIds) => calls.listed.push([...hostIds]),
  });
  const show = (one: Host): void => store.apply({ kind: 'host-changed', host: one });
  const files = { sshConfigPath, knownHosts, key };
  return { ...calls, calls, store, upkeep, hostList, retries, open, show, ...files };
}

const config = (aliases: readonly string[]): string =>
  aliases.map((alias) => `Host ${alias}\n  HostName ${alias}.example\n`).join('');

describe('a configuration that changes', () => {
  it('is read again: hosts that are gone are let go of, and those that are not up are tried', async () => {
    const { upkeep, hostList, show, store, sshConfigPath, scanned, retained, listed } = await kept();
    await hostList.load();
    show(host('a', { state: { kind: 'up' } }));
    upkeep.start();
    await writeFile(sshConfigPath, config(['a', 'c']));
    await until(() => expect(scanned).toEqual([['c']]));
    expect(store.current().hosts.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(listed.at(-1)).toEqual(['a', 'c']);
    expect(retained.at(-1)).toEqual(['a', 'c']);
    upkeep.dispose();
  });

  it('is read again when it is asked for, and nothing is tried where nothing is watched', async () => {
    const { upkeep, store, scanned, listed } = await kept();
    await upkeep.reload();
    expect(store.current().hosts.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(listed).toEqual([['a', 'b']]);
    expect(scanned).toEqual([]);
  });
});

describe('files that let a host in', () => {
  const waiting = async () => {
    const all = await kept();
    await all.hostList.load();
    all.show(host('a', { state: { kind: 'auth-needed', failure: aFailure('auth-failed') } }));
    all.show(host('b', { state: { kind: 'hostkey-changed', failure: aFailure('hostkey-changed') } }));
    all.upkeep.start();
    return all;
  };

  it('have those tried that wait for a host key, when known_hosts changes', async () => {
    const { upkeep, knownHosts, scanned } = await waiting();
    await writeFile(knownHosts, 'b.example ssh-ed25519 AAAA\n');
    await until(() => expect(scanned).toEqual([['b']]));
    upkeep.dispose();
  });

  it('have those tried that wait for a login, when a key changes', async () => {
    const { upkeep, key, scanned } = await waiting();
    await writeFile(key, 'another one');
    await until(() => expect(scanned).toEqual([['a']]));
    upkeep.dispose();
  });
});

describe('a computer that wakes', () => {
  it('has the connections checked, and those tried that lost theirs or are tried again unasked', async () => {
    const soon = Date.now() + 60_000;
    const { upkeep, calls, open } = await kept([
      host('connected', { state: { kind: 'up' } }),
      host('dropped', { state: { kind: 'up' } }),
      host('away', {
        state: { kind: 'unreachable', failure: aFailure('connection-timeout', { nextAttemptAt: soon }) },
      }),
      host('penalised', {
        state: { kind: 'throttled', failure: aFailure('throttled', { nextAttemptAt: soon }) },
      }),
      host('locked', { state: { kind: 'auth-needed', failure: aFailure('auth-failed') } }),
      host('new', { state: { kind: 'unresolved' } }),
    ]);
    open.add('connected');
    await upkeep.wake();
    expect(calls.checks).toBe(1);
    expect(calls.scanned).toEqual([['dropped', 'away']]);
  });

  it('tries nothing once it is disposed of', async () => {
    const { upkeep, calls } = await kept([host('dropped', { state: { kind: 'up' } })]);
    upkeep.dispose();
    await upkeep.wake();
    expect(calls.scanned).toEqual([]);
  });
});

it('a host that may open no more files is reported once', async () => {
  const { upkeep, show, store, hostList } = await kept();
  await hostList.load();
  upkeep.start();
  const short = { kind: 'unreachable', failure: aFailure('open-files') } as const;
  show(host('a', { state: short }));
  store.snapshot();
  show(host('b', { state: short }));
  store.snapshot();
  const told = store.current().problems.filter(({ code }) => code === 'open-files');
  expect(told).toHaveLength(1);
  expect(told[0]?.detail).toMatch(/^it may have \d+ of them$/);
  upkeep.dispose();
});
