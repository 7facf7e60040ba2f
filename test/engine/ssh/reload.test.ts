import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Host } from '#common/model.ts';
import { defaultSettings } from '#common/settings.ts';
import { createEngine, type Engine } from '#engine/engine.ts';
import { generateKey, type Sshd, sshdAvailable, startSshd, writeSshConfig } from '../../lab/sshd.ts';
import { type Folder, temporaryFolder } from '../../unit/engine/ssh/folder.ts';

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

  const start = async (options: Record<string, string | number> = {}): Promise<string> => {
    const hosts = [{ alias: 'one', options: { ...sshd.hostOptions(), ...options } }];
    const sshConfigPath = await writeSshConfig(folder.path, hosts);
    engine = createEngine({
      source: { kind: 'ssh-config', path: sshConfigPath },
      sshConfigPath,
      settings: defaultSettings,
      log: () => undefined,
      home: folder.path,
      env: { PATH: process.env.PATH },
    });
    await engine.loadHosts();
    await engine.scan();
    engine.watch();
    return sshConfigPath;
  };

  const host = (alias: string): Host | undefined =>
    engine.snapshot().hosts.find((candidate) => candidate.alias === alias);
  const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 50 });

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
