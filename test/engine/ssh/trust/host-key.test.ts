import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppError } from '#common/failure.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { output, poolFor, rejection } from '../../../support/ssh/pool-for.ts';
import {
  fingerprintOf,
  generateKey,
  type HostOptions,
  publicKey,
  type Sshd,
  sshdAvailable,
  startSshd,
  writeSshConfig,
} from '../../../support/ssh/sshd.ts';

const run = promisify(execFile);

describe.skipIf(!sshdAvailable())('the host key of a real sshd', () => {
  let sshd: Sshd;
  let folder: Folder;
  let knownHosts: string;
  let otherEd25519: string;
  let otherRsa: string;
  let name: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa'], config: ['RekeyLimit 1M'] });
    knownHosts = join(folder.path, 'known_hosts');
    otherEd25519 = await publicKey(await generateKey(join(folder.path, 'other_ed25519')));
    otherRsa = await publicKey(await generateKey(join(folder.path, 'other_rsa'), 'rsa'));
    name = `[127.0.0.1]:${sshd.port}`;
  });
  afterAll(async () => {
    await sshd?.stop();
    await folder?.remove();
  });

  const configure = async (options: HostOptions, lines: readonly string[] | null): Promise<string> => {
    if (lines !== null) await writeFile(knownHosts, lines.map((line) => `${line}\n`).join(''));
    const host = { ...sshd.hostOptions(), UserKnownHostsFile: knownHosts, ...options };
    return writeSshConfig(folder.path, [{ alias: 'lab', options: host }]);
  };

  const attempt = async (configPath: string): Promise<string | AppError> => {
    const pool = poolFor(configPath);
    try {
      const { transport } = await pool.get('lab');
      return await output(transport, 'echo in');
    } catch (error) {
      return error as AppError;
    } finally {
      await pool.dispose();
    }
  };

  it.each(['yes', 'ask'])('is refused while unknown under StrictHostKeyChecking %s', async (strict) => {
    const configPath = await configure({ StrictHostKeyChecking: strict }, []);
    const error = await attempt(configPath);
    expect(error).toMatchObject({
      code: 'hostkey-unknown',
      step: 'handshake',
      detail: `ssh-ed25519 ${await fingerprintOf(sshd.hostKeyPath)}`,
      command: `ssh -F ${configPath} lab`,
    });
    expect(await readFile(knownHosts, 'utf8')).toBe('');
  });

  it('is refused when it has changed, and the command shown takes the old one away', async () => {
    const configPath = await configure({}, ['# a line before', `${name} ${otherEd25519}`]);
    const error = (await attempt(configPath)) as AppError;
    expect(error).toMatchObject({ code: 'hostkey-changed' });
    expect(error.detail).toContain(await fingerprintOf(sshd.hostKeyPath));
    expect(error.detail).toContain(await fingerprintOf(join(folder.path, 'other_ed25519')));
    expect(error.detail).toContain(`${knownHosts}:2`);
    await run('/bin/sh', ['-c', error.command ?? '']);
    expect(await attempt(configPath)).toMatchObject({ code: 'hostkey-unknown' });
  });

  it.each(['accept-new', 'no'])('is written down while unknown under %s, once', async (strict) => {
    const configPath = await configure({ StrictHostKeyChecking: strict }, ['# unfinished']);
    await writeFile(knownHosts, '# no newline at the end');
    expect(await attempt(configPath)).toBe('in\n');
    expect(await attempt(configPath)).toBe('in\n');
    expect(await readFile(knownHosts, 'utf8')).toBe(
      `# no newline at the end\n${name} ${sshd.hostKeyPublic}\n`,
    );
    expect(await attempt(await configure({ StrictHostKeyChecking: 'yes' }, null))).toBe('in\n');
  });

  it.each(['accept-new', 'no'])('is refused when changed even under %s', async (strict) => {
    const configPath = await configure({ StrictHostKeyChecking: strict }, [`${name} ${otherEd25519}`]);
    expect(await attempt(configPath)).toMatchObject({ code: 'hostkey-changed' });
  });

  it('is written hashed and into a new private folder where that is asked for', async () => {
    const file = join(folder.path, 'new', 'known_hosts');
    const configPath = await configure(
      { StrictHostKeyChecking: 'accept-new', HashKnownHosts: 'yes', UserKnownHostsFile: file },
      null,
    );
    expect(await attempt(configPath)).toBe('in\n');
    expect(await readFile(file, 'utf8')).toMatch(/^\|1\|\S+\|\S+ ssh-ed25519 \S+\n$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder.path, 'new'))).mode & 0o777).toBe(0o700);
    const { stdout } = await run('ssh-keygen', ['-F', name, '-f', file]);
    expect(stdout).toContain(sshd.hostKeyPublic);
  });

  it('is checked for every new connection of a pool', async () => {
    const configPath = await configure({}, [sshd.knownHostsLine]);
    const pool = poolFor(configPath);
    const { transport } = await pool.get('lab');
    await writeFile(knownHosts, `${name} ${otherEd25519}\n`);
    await pool.closeAll();
    expect((await rejection(transport.exec('true'))).code).toBe('connection-lost');
    expect((await rejection(pool.get('lab'))).code).toBe('hostkey-changed');
    await pool.dispose();
  });

  it('stays accepted through rekeys', async () => {
    const pool = poolFor(await configure({}, [sshd.knownHostsLine]));
    const { transport } = await pool.get('lab');
    expect((await output(transport, 'head -c 6000000 /dev/zero')).length).toBe(6_000_000);
    expect(await output(transport, 'echo still in')).toBe('still in\n');
    await pool.dispose();
  });

  /** Each line set is judged by the real client, too: both must let in, or both refuse. */
  describe('is judged as ssh judges it', () => {
    const cases: Record<string, (ecdsa: string) => string[]> = {
      'known under name and port': () => [sshd.knownHostsLine],
      'known under the bare name': () => [`127.0.0.1 ${sshd.hostKeyPublic}`],
      'known by a second type only, which the host has': (ecdsa) => [`${name} ${ecdsa}`],
      'known by a type the host does not have': () => [`${name} ${otherRsa}`],
      'another key of another type beside the right one': () => [`${name} ${otherRsa}`, sshd.knownHostsLine],
      'another key under the bare name': () => [`127.0.0.1 ${otherEd25519}`],
      'known by a wildcard': () => [`[127.0.0.?]:*,*.example ${sshd.hostKeyPublic}`],
      'known by a wildcard and negated': () => [`*,!${name} ${sshd.hostKeyPublic}`],
      'known to an authority only': () => [`@cert-authority * ${sshd.hostKeyPublic}`],
      'revoked and known': () => [sshd.knownHostsLine, `@revoked * ${sshd.hostKeyPublic}`],
      'a broken line before the right one': () => [`${name} ssh-ed25519 AAAAbroken`, sshd.knownHostsLine],
      'a line with an unknown marker': () => [`@unknown ${sshd.knownHostsLine}`],
      'the right key under the wrong type': () => [sshd.knownHostsLine.replace('ssh-ed25519', 'ssh-rsa')],
      'tabs and a comment': () => [`\t${sshd.knownHostsLine.replaceAll(' ', '\t')}\tsome comment`],
      'another port': () => [`[127.0.0.1]:1 ${sshd.hostKeyPublic}`],
    };

    it.each(Object.keys(cases))('%s', async (title) => {
      const ecdsa = await publicKey(join(sshd.dir, 'host_ecdsa'));
      const configPath = await configure({ StrictHostKeyChecking: 'yes' }, cases[title]?.(ecdsa) ?? []);
      const theirs = await run('ssh', ['-F', configPath, '-o', 'BatchMode=yes', 'lab', 'echo in']).then(
        () => 'in',
        () => 'refused',
      );
      const ours = await attempt(configPath);
      expect(typeof ours === 'string' ? 'in' : 'refused').toBe(theirs);
    });
  });

  it('is looked up under HostKeyAlias alone, without the port', async () => {
    const lines = [`the-alias ${sshd.hostKeyPublic}`, `${name} ${otherEd25519}`];
    expect(await attempt(await configure({ HostKeyAlias: 'The-Alias' }, lines))).toBe('in\n');
  });

  it('is revoked whatever the rules', async () => {
    const lines = [`@revoked * ${sshd.hostKeyPublic}`];
    expect(await attempt(await configure({ StrictHostKeyChecking: 'no' }, lines))).toMatchObject({
      code: 'hostkey-revoked',
    });
  });
});
