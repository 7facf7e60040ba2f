import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../support/engine-for.ts';
import { type Sshd, sshdAvailable, startSshd, writeSshConfig } from '../support/ssh/sshd.ts';
import { startTcpProxy, type TcpProxy } from '../support/ssh/tcp-proxy.ts';
import { addNamespaces, type Namespace, namespacesMissing, removeNamespaces } from './namespaces.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

describe.skipIf(missing !== null || !sshdAvailable())('a computer that gets another address', () => {
  let directory: string;
  let sshd: Sshd;
  let proxy: TcpProxy;
  let engine: Engine;
  let namespaces: readonly Namespace[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vt-network-'));
    sshd = await startSshd();
    proxy = await startTcpProxy(sshd.port);
    const options = { Port: proxy.port, HostKeyAlias: `[127.0.0.1]:${sshd.port}` };
    const sshConfigPath = await writeSshConfig(directory, [
      { alias: 'lab', options: { ...sshd.hostOptions(), ...options } },
    ]);
    engine = engineFor(sshConfigPath, {
      // A measurement over the dead connection would wait for ever.
      settings: { timeouts: { ...defaultSettings.timeouts, probeMs: 300_000 } },
      remotePorts: [],
      home: directory,
    });
    await engine.loadHosts();
    await engine.scan();
    engine.watch();
  });
  afterAll(async () => {
    await engine?.dispose();
    await proxy?.close();
    await removeNamespaces(namespaces);
    await sshd?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('finds out which connections have not survived it, and replaces them', async () => {
    expect(engine.snapshot().hosts[0]?.state.kind).toBe('no-gpu');
    proxy.blackhole();
    proxy.forget();
    // The near end of a veth pair with an address.
    namespaces = await addNamespaces([null]);
    const since = Date.now();
    // By itself a silent connection is given up after 45 s.
    await vi.waitFor(
      () => {
        expect(proxy.accepted()).toBe(2);
        expect(engine.snapshot().hosts[0]?.measuredAt).toBeGreaterThan(since);
      },
      { timeout: 30_000, interval: 100 },
    );
    expect(engine.snapshot().hosts[0]?.state.kind).toBe('no-gpu');
  });
});
