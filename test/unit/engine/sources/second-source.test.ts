import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isUp } from '#common/select/hosts.ts';
import { defaultSettings } from '#common/settings.ts';
import { createSshMeters } from '#engine/sources/ssh/ssh-meter.ts';
import { createStore } from '#engine/store.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { snapshot } from '../../../support/snapshot.ts';
import { type Scanned, scanWith } from '../scan/scripted.ts';
import { type StaticHosts, staticJson } from './static-json/static-json.ts';

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const cluster: StaticHosts = {
  node1: {
    gpus: [
      { index: 0, uuid: 'GPU-a', utilPct: 0 },
      { index: 1, uuid: 'GPU-b', utilPct: 93, memUsedMiB: 70_000 },
    ],
    models: { 8000: 'llama-70b' },
  },
  node2: { gpus: [], models: {} },
};

/** SSH as it is, but that whoever asks it for a connection fails the test. */
function sshThatMustNotBeAsked() {
  const asked: string[] = [];
  const ssh = createSshMeters({
    pool: {
      get(alias: string) {
        asked.push(alias);
        return Promise.reject(new Error('SSH was asked'));
      },
      peek: () => null,
    } as never,
    store: createStore(snapshot()),
    remotePorts: null,
    apiKeyFor: () => null,
    log: () => undefined,
  });
  return { ssh, asked };
}

describe('a source of static JSON beside SSH', () => {
  const write = (hosts: StaticHosts): Promise<string> => folder.write('cluster.json', JSON.stringify(hosts));

  const start = async (): Promise<Scanned & { path: string; asked: readonly string[] }> => {
    const path = await write(cluster);
    const { ssh, asked } = sshThatMustNotBeAsked();
    // One line is what a second source needs.
    const sources = [staticJson(path, (hostId) => hostId.startsWith('node')), ssh];
    const { cadence } = defaultSettings;
    const settings = { cadence: { ...cadence, gpusMs: 1000, portsMs: 1000 } };
    const scanned = scanWith(sources, { aliases: ['node1', 'node2'], settings });
    return { ...scanned, path, asked };
  };

  it('fills rows of the Snapshot by the real scan, and SSH is not asked', async () => {
    const { scanning, store, path, asked } = await start();
    await scanning.scanner.scan();
    const [node1, node2] = store.snapshot().hosts;
    expect(node1).toMatchObject({
      state: { kind: 'up' },
      endpoint: { hostname: path },
      gpus: [
        { uuid: 'GPU-a', samples: 1, idleStreak: 1 },
        { uuid: 'GPU-b', utilPct: 93, samples: 1, idleStreak: 0 },
      ],
    });
    expect(node2).toMatchObject({ state: { kind: 'no-gpu', failure: { code: 'no-gpu-devices' } }, gpus: [] });
    expect(store.snapshot().servers).toMatchObject([
      { hostId: 'node1', port: 8000, models: [{ id: 'llama-70b' }] },
    ]);
    expect(store.snapshot().scan).toMatchObject({ kind: 'done', done: 2, total: 2 });
    expect(asked).toEqual([]);
  });

  it('is watched, lost and found again as any other', { timeout: 60_000 }, async () => {
    const { scanning, store, host, path, asked } = await start();
    const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 50 });
    await scanning.scanner.scan();
    scanning.watcher.start();
    await until(() => expect(host('node1').gpus).toMatchObject([{ idleStreak: 2 }, { samples: 2 }]));
    await write({ ...cluster, node1: { gpus: [{ uuid: 'GPU-c' }], models: { 8001: 'qwen' } } });
    await until(() => expect(host('node1').gpus).toMatchObject([{ uuid: 'GPU-c' }]));
    await until(() =>
      expect(store.current().servers).toMatchObject([{ port: 8001, models: [{ id: 'qwen' }] }]),
    );
    await rm(path);
    await until(() => expect(host('node1').state.kind).toBe('stale'));
    expect(host('node1').state).toMatchObject({
      failure: { code: 'host-unreachable', command: `cat ${path}`, nextAttemptAt: expect.any(Number) },
    });
    expect(host('node1').gpus).toMatchObject([{ utilPct: null }]);
    expect(store.current().servers).toMatchObject([{ state: { kind: 'lost', what: 'host' } }]);
    await write(cluster);
    await until(() => expect(store.current().hosts.every(({ state }) => isUp(state))).toBe(true));
    await until(() => expect(store.current().servers).toMatchObject([{ port: 8000, state: { kind: 'up' } }]));
    expect(asked).toEqual([]);
  });

  it('leaves to SSH what is not its own', async () => {
    const path = await write(cluster);
    const { ssh, asked } = sshThatMustNotBeAsked();
    const sources = [staticJson(path, (hostId) => hostId.startsWith('node')), ssh];
    const { scanning, host } = scanWith(sources, { aliases: ['node1', 'gpu9'] });
    await scanning.scanner.scan();
    expect(asked).toEqual(['gpu9']);
    expect(host('node1').state.kind).toBe('up');
    expect(host('gpu9').state).toMatchObject({ kind: 'unreachable', failure: { detail: 'SSH was asked' } });
  });
});

it('what scans knows no connection, probe or model server', () => {
  const room = fileURLToPath(new URL('../../../../main/engine/scan/', import.meta.url));
  const allowed = new Map([
    // Whom a login asks.
    ['tracked-host.ts', ['../ssh/asking.ts']],
    // The kind of number whose samples it counts.
    ['samples.ts', ['../probe/tools/gpu-reading.ts']],
    // Looks for keys of agents, and measures nothing.
    ['agent-watch.ts', ['../ssh/config/resolve.ts', '../ssh/keys/agent.ts']],
  ]);
  const files = readdirSync(room);
  expect(files).toContain('tracked-host.ts');
  for (const file of files) {
    const text = readFileSync(`${room}${file}`, 'utf8');
    const imports = [...text.matchAll(/from '(\.\.\/(?:ssh|probe|models|forward|sources\/\w+)\/[^']+)'/g)];
    expect([file, imports.map(([, path]) => path)]).toEqual([file, allowed.get(file) ?? []]);
  }
});
