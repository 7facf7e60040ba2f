import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HostState } from '#common/hosts.ts';
import { touched } from '#common/patch.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor, hostOf } from '../support/engine-for.ts';
import { httpServer } from '../support/model-servers.ts';
import { type Sshd, sshdAvailable, startSshd, writeSshConfig } from '../support/ssh/sshd.ts';
import { startTcpProxy, type TcpProxy, type TcpProxyOptions } from '../support/ssh/tcp-proxy.ts';
import { twoGpus } from '../support/stand-ins.ts';

const links = {
  near: {},
  far: { delayMs: 200 },
  trickle: { bytesPerSecond: 2000 },
  hole: {},
} as const satisfies Readonly<Record<string, TcpProxyOptions>>;
type Alias = keyof typeof links;
const aliases = Object.keys(links) as Alias[];

describe.skipIf(!sshdAvailable())('hosts behind bad links, in one engine', () => {
  let directory: string;
  let sshd: Sshd;
  let engine: Engine;
  const proxies = new Map<Alias, TcpProxy>();
  /** Every state that was published, in order. */
  const seen: { alias: string; state: HostState['kind'] }[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vt-links-'));
    await mkdir(join(directory, 'bin'));
    // How many ports happen to be open here must not decide how much there is to tell.
    const programs = { 'nvidia-smi': twoGpus, ss: 'exit 0' };
    for (const [name, script] of Object.entries(programs))
      await writeFile(join(directory, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    sshd = await startSshd({ env: { PATH: `${join(directory, 'bin')}:/usr/bin:/bin` } });
    for (const alias of aliases) proxies.set(alias, await startTcpProxy(sshd.port, links[alias]));
    const sshConfigPath = await writeSshConfig(
      directory,
      aliases.map((alias) => {
        const options = { Port: proxies.get(alias)?.port ?? 0, HostKeyAlias: `[127.0.0.1]:${sshd.port}` };
        return { alias, options: { ...sshd.hostOptions(), ...options } };
      }),
    );
    engine = engineFor(sshConfigPath, {
      settings: { cadence: { ...defaultSettings.cadence, gpusMs: 1000 } },
      remotePorts: [],
      home: directory,
    });
    engine.subscribe(({ hosts }) => {
      for (const { alias, state } of touched(engine.snapshot().hosts, hosts))
        seen.push({ alias, state: state.kind });
    });
    await engine.loadHosts();
    await engine.scan();
  });
  afterAll(async () => {
    await engine?.dispose();
    for (const proxy of proxies.values()) await proxy.close();
    await sshd?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const host = (alias: Alias) => hostOf(engine, alias);
  const until = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 100 });
  /** Waits until each of these hosts was measured twice more from now on. */
  const measuredAgain = async (these: readonly Alias[]): Promise<void> => {
    for (let round = 0; round < 2; round += 1) {
      const before = new Map(these.map((alias) => [alias, host(alias).measuredAt ?? 0]));
      await until(() => {
        for (const [alias, at] of before) expect(host(alias).measuredAt).toBeGreaterThan(at);
      });
    }
  };

  it('come up, the slow ones last', () => {
    expect(aliases.map((alias) => [host(alias).state.kind, host(alias).gpus.length])).toEqual(
      aliases.map(() => ['up', 2]),
    );
    const firstUp = aliases.map((alias) =>
      seen.findIndex((one) => one.alias === alias && one.state === 'up'),
    );
    expect(firstUp[aliases.indexOf('near')]).toBeLessThan(firstUp[aliases.indexOf('trickle')] ?? 0);
  });

  it('stay up however slow, while one behind a link that swallows everything turns stale and comes back', async () => {
    engine.watch();
    const { localPort } = await engine.handlers['forward.open']({
      hostId: 'hole',
      remotePort: await httpServer((_request, response) => response.end('hello')),
    });
    const through = async () => (await fetch(`http://127.0.0.1:${localPort}`)).text();
    expect(await through()).toBe('hello');
    seen.length = 0;
    proxies.get('hole')?.blackhole();
    await measuredAgain(['near', 'far', 'trickle']);
    await until(() => expect(host('hole').state.kind).toBe('stale'));
    expect(host('hole').gpus).toHaveLength(2);
    proxies.get('hole')?.mend();
    await until(() => expect(host('hole').state.kind).toBe('up'));
    expect(await through()).toBe('hello');
    const others = seen.filter(({ alias }) => alias !== 'hole');
    expect(new Set(others.map(({ state }) => state))).toEqual(new Set(['up']));
  });
});
