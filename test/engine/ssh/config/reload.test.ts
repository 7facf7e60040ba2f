import { execFile } from 'node:child_process';
import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Host } from '#common/hosts.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../../../support/engine-for.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { startAgent } from '../../../support/ssh/agents.ts';
import {
  fingerprintOf,
  generateKey,
  type HostOptions,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../../../support/ssh/sshd.ts';

const run = promisify(execFile);

describe.skipIf(!sshdAvailable())('a running engine', () => {
  let folder: Folder;
  let sshd: Sshd;
  let engine: Engine;

  beforeEach(async () => {
    folder = await temporaryFolder();
    sshd = await startSshd();
  });
  afterEach(async () => {
    await engine?.dispose();
    await sshd?.stop();
    await folder?.remove();
  });

  /** Options replace those that log in; without a value they go. */
  const start = async (
    options: Readonly<Record<string, string | number | undefined>> = {},
    others: readonly { alias: string; options: HostOptions }[] = [],
  ): Promise<string> => {
    const own = Object.entries({ ...sshd.hostOptions(), ...options }).flatMap(([keyword, value]) =>
      value === undefined ? [] : [[keyword, value] as const],
    );
    const hosts = [{ alias: 'one', options: Object.fromEntries(own) }, ...others];
    const sshConfigPath = await writeSshConfig(folder.path, hosts);
    engine = engineFor(sshConfigPath, { home: folder.path });
    await engine.loadHosts();
    await engine.scan();
    engine.watch();
    return sshConfigPath;
  };

  const host = (alias: string): Host | undefined =>
    engine.snapshot().hosts.find((candidate) => candidate.alias === alias);
  const until = (check: () => void) => vi.waitFor(check, { timeout: 25_000, interval: 50 });

  it('takes a host up that is added to the configuration, and lets one go that is taken out', async () => {
    const config = await start();
    expect(host('one')?.state.kind).toBe('no-gpu');
    const text = await readFile(config, 'utf8');
    await appendFile(config, text.replace('Host one', 'Host two'));
    await until(() => expect(host('two')?.state.kind).toBe('no-gpu'));
    await writeFile(`${config}.new`, text.replace('Host one', 'Host two'));
    await rename(`${config}.new`, config);
    await until(() => expect(host('one')).toBeUndefined());
    expect(host('two')?.state.kind).toBe('no-gpu');
  });

  it('tries a host again whose key arrives in known_hosts', async () => {
    const knownHosts = join(folder.path, 'late_known_hosts');
    await start({ UserKnownHostsFile: knownHosts, StrictHostKeyChecking: 'yes' });
    expect(host('one')?.state.kind).toBe('hostkey-unknown');
    await writeFile(knownHosts, sshd.knownHostsLine);
    await until(() => expect(host('one')?.state.kind).toBe('no-gpu'));
  });

  it('tries a host again whose key file arrives', async () => {
    const late = join(folder.path, 'late_key');
    await start({ IdentityFile: late });
    expect(host('one')?.state.kind).toBe('auth-needed');
    await writeFile(late, await readFile(sshd.clientKeyPath), { mode: 0o600 });
    await until(() => expect(host('one')?.state.kind).toBe('no-gpu'));
  });

  it.each(['the host', 'its jump host'])(
    'tries a host again when a key for %s is added to the agent',
    async (which) => {
      const agent = await startAgent(join(folder.path, 'agent.sock'));
      onTestFinished(agent.stop);
      const { IdentityFile: _file, ...rest } = sshd.hostOptions();
      const keyless = { ...rest, IdentityAgent: agent.socket };
      if (which === 'the host') await start({ IdentityFile: undefined, IdentityAgent: agent.socket });
      // A pattern is no host of the list, which would wait for the same agent.
      else await start({ ProxyJump: 'jump' }, [{ alias: 'jum?', options: keyless }]);
      expect(host('one')?.state.kind).toBe('auth-needed');
      await agent.holds([sshd.clientKeyPath]);
      await until(() => expect(host('one')?.state.kind).toBe('no-gpu'));
    },
  );

  it('stops hard when a host comes back with another key, until a person has settled it', async () => {
    await start({ StrictHostKeyChecking: 'ask' });
    await engine.handlers['forward.open']({ hostId: 'one', remotePort: sshd.port });
    await sshd.crash();
    const other = await startSshd({
      port: sshd.port,
      authorizedKeys: [await readFile(`${sshd.clientKeyPath}.pub`, 'utf8')],
    });
    onTestFinished(other.stop);
    await until(() => expect(host('one')?.state.kind).toBe('hostkey-changed'));
    const { state } = host('one') as Host;
    if (!('failure' in state)) throw new Error('no failure');
    const prints = await Promise.all([sshd, other].map(({ hostKeyPath }) => fingerprintOf(hostKeyPath)));
    for (const print of prints) expect(state.failure.detail).toContain(print);
    expect(state.failure).toMatchObject({ code: 'hostkey-changed', nextAttemptAt: null });
    await until(() =>
      expect(engine.snapshot().forwards[0]?.state).toMatchObject({
        kind: 'failed',
        failure: { code: 'hostkey-changed' },
      }),
    );
    expect(other.logText()).not.toContain('Accepted');

    await run('/bin/sh', ['-c', state.failure.command ?? '']);
    await until(() => expect(host('one')?.state.kind).toBe('hostkey-unknown'));
    const [unknown] = engine.snapshot().hostKeys;
    expect(unknown?.fingerprint).toBe(prints[1]);
    await engine.handlers['hostKey.accept']({ keyIds: [unknown?.id ?? ''] });
    await until(() => {
      expect(host('one')?.state.kind).toBe('no-gpu');
      expect(engine.snapshot().forwards[0]?.state.kind).toBe('listening');
    });
  });

  it('connects anew when the values of a host change', async () => {
    const config = await start();
    const other = await startSshd({ authorizedKeys: [await readFile(`${sshd.clientKeyPath}.pub`, 'utf8')] });
    try {
      const text = await readFile(config, 'utf8');
      await appendFile(sshd.knownHostsPath, other.knownHostsLine);
      await writeFile(config, text.replace(`Port ${sshd.port}`, `Port ${other.port}`));
      await until(() => expect(host('one')?.endpoint?.port).toBe(other.port));
      await until(() => expect(other.logText()).toContain('Accepted publickey'));
    } finally {
      await engine.dispose();
      await other.stop();
    }
  });

  it('is unaffected by a configuration that breaks, and says so', async () => {
    const config = await start();
    await generateKey(join(folder.path, 'unrelated'));
    await appendFile(config, '\nHost\n');
    await until(() => expect(engine.snapshot().problems).not.toEqual([]));
    expect(host('one')?.state.kind).toBe('no-gpu');
  });
});
