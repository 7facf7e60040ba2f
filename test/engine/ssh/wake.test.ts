import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Forward } from '#common/forwards.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor, hostOf } from '../../support/engine-for.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { httpServer } from '../../support/model-servers.ts';
import {
  freePort,
  type HostOptions,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../../support/ssh/sshd.ts';
import { startTcpProxy, type TcpProxy } from '../../support/ssh/tcp-proxy.ts';
import { startFakeServer } from './fake-server.ts';

const hour = 3_600_000;

describe.skipIf(!sshdAvailable())('a computer that wakes', () => {
  let folder: Folder;
  let sshd: Sshd;
  let engine: Engine;

  beforeEach(async () => {
    // What a sleep looks like to a program: timers go on where they were, and the clock has jumped.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    folder = await temporaryFolder();
    sshd = await startSshd();
  });
  afterEach(async () => {
    await engine?.dispose();
    vi.useRealTimers();
    await sshd?.stop();
    await folder?.remove();
  });

  const sleep = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

  const start = async (hosts: Readonly<Record<string, HostOptions>>): Promise<void> => {
    const blocks = Object.entries(hosts).map(([alias, options]) => ({ alias, options }));
    const sshConfigPath = await writeSshConfig(folder.path, blocks);
    // The clock stands still: the files that were written meanwhile must not seem to come from the future.
    sleep(60_000);
    engine = engineFor(sshConfigPath, {
      // A measurement that waits for a dead connection would wait for ever.
      settings: { timeouts: { ...defaultSettings.timeouts, probeMs: 300_000 } },
      remotePorts: [],
      home: folder.path,
    });
    await engine.loadHosts();
    await engine.scan();
    engine.watch();
  };

  const proxied = async (): Promise<{ proxy: TcpProxy; options: HostOptions }> => {
    const proxy = await startTcpProxy(sshd.port);
    onTestFinished(() => proxy.close());
    const { port } = proxy;
    return {
      proxy,
      options: { ...sshd.hostOptions(), Port: port, HostKeyAlias: `[127.0.0.1]:${sshd.port}` },
    };
  };

  const host = (alias: string) => hostOf(engine, alias);
  const forward = (): Forward => {
    const [found] = engine.snapshot().forwards;
    if (found === undefined) throw new Error('no forward');
    return found;
  };
  const until = (check: () => void) => vi.waitFor(check, { timeout: 25_000, interval: 50 });

  const serve = () => httpServer((_request, response) => response.end('hello'));
  const openForward = (hostId: string, remotePort: number) =>
    engine.handlers['forward.open']({ hostId, remotePort });
  const through = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${forward().localPort}`, { headers: { connection: 'close' } })).text();

  it('replaces the connections that died meanwhile, with their forwards, and keeps the others', async () => {
    const [dead, alive] = [await proxied(), await proxied()];
    await start({ dead: dead.options, alive: alive.options });
    await openForward('dead', await serve());
    expect(await through()).toBe('hello');
    // The gateway on the way forgets connections that are silent for long.
    dead.proxy.blackhole();
    dead.proxy.forget();
    const asleepAt = Date.now();
    sleep(hour);
    await until(() => {
      expect(dead.proxy.accepted()).toBe(2);
      expect(host('dead').measuredAt).toBeGreaterThanOrEqual(asleepAt + hour);
      expect(host('dead').state.kind).toBe('no-gpu');
      expect(forward().state.kind).toBe('listening');
    });
    expect(await through()).toBe('hello');
    expect(alive.proxy.accepted()).toBe(1);
  });

  it('finds hosts again that were away, before their next attempt is due', async () => {
    const port = await freePort();
    const { options } = await proxied();
    await start({ away: { ...options, Port: port } });
    expect(host('away').state).toMatchObject({ failure: { code: 'connection-refused' } });
    const proxy = await startTcpProxy(sshd.port, { port });
    onTestFinished(() => proxy.close());
    // The clock stands still meanwhile, so that nothing becomes due.
    await engine.wake();
    expect(host('away').state.kind).toBe('no-gpu');
  });

  it('leaves a host its time that penalises this address, however often the computer wakes', async () => {
    // sshd's own words since OpenSSH 9.8 (drop_connection in sshd.c). It takes three tries to know a penalty.
    const server = await startFakeServer((socket) => socket.end('Not allowed at this time\r\n'));
    onTestFinished(() => server.close());
    const before = Date.now();
    await start({ strict: { HostName: '127.0.0.1', Port: server.port, IdentityAgent: 'none' } });
    const { state } = host('strict');
    expect(state).toMatchObject({ kind: 'throttled', failure: { detail: 'Not allowed at this time' } });
    const nextAttemptAt = ('failure' in state && state.failure.nextAttemptAt) || 0;
    expect(nextAttemptAt).toBeGreaterThanOrEqual(before + 60_000);
    await engine.wake();
    // Nor does another time on the wall clock end a penalty.
    vi.setSystemTime(nextAttemptAt + 1);
    engine.setShown(true);
    await engine.wake();
    expect(server.accepted()).toBe(3);
  });

  it('knocks no more where the login was refused, which fail2ban would count', async () => {
    const strict = await startSshd();
    onTestFinished(strict.stop);
    await writeFile(join(strict.dir, 'authorized_keys'), '');
    await start({ refused: strict.hostOptions(), fine: sshd.hostOptions() });
    expect(host('refused').state).toMatchObject({ failure: { code: 'auth-failed', nextAttemptAt: null } });
    const knocks = (): number => strict.logText().split('Connection from').length;
    const before = knocks();
    for (let day = 0; day < 3; day += 1) {
      const asleepAt = Date.now();
      sleep(24 * hour);
      await engine.wake();
      await until(() => expect(host('fine').measuredAt).toBeGreaterThanOrEqual(asleepAt + 24 * hour));
    }
    expect(knocks()).toBe(before);
  });

  it('brings a forward back with its host, also one that had given up', async () => {
    await start({ one: sshd.hostOptions() });
    await openForward('one', await serve());
    const keys = join(sshd.dir, 'authorized_keys');
    const text = await readFile(keys, 'utf8');
    await writeFile(keys, '');
    await sshd.killSessions();
    await until(() =>
      expect(forward().state).toMatchObject({ kind: 'failed', failure: { code: 'auth-failed' } }),
    );
    await writeFile(keys, text);
    await engine.scan(['one']);
    await until(() => expect(forward().state.kind).toBe('listening'));
    expect(await through()).toBe('hello');
  });
});
