import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createResolver } from '#engine/ssh/config/resolve.ts';
import { createSystemChoice, type TransportSetting } from '#engine/ssh/system/system-choice.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { sshMissing } from '../../../support/ssh-missing.ts';

const haveSsh = sshMissing() === null;
if (!haveSsh) console.warn('skipped: there is no ssh here to choose; install openssh-client');

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
  await folder.write('sk.pub', 'sk-ssh-ed25519@openssh.com AAAA comment\n');
  await folder.write('plain.pub', 'ssh-ed25519 AAAA comment\n');
  await folder.write('signed-cert.pub', 'ssh-ed25519-cert-v01@openssh.com AAAA comment\n');
  const key = Buffer.concat([
    Buffer.from([0, 0, 0, 11]),
    Buffer.from('ssh-ed25519'),
    Buffer.from([0, 0, 0, 32]),
    Buffer.alloc(32, 7),
  ]).toString('base64');
  await folder.write('authority', `@cert-authority *.example ssh-ed25519 ${key}\n`);
});
afterEach(() => folder.remove());

/** Why this configuration of the host `a.example` is left to the system's ssh; `%d` stands for the folder. */
async function reason(
  lines: readonly string[],
  {
    setting = 'auto',
    path = process.env.PATH,
  }: { setting?: TransportSetting; path?: string | undefined } = {},
): Promise<string | null> {
  const env = { PATH: path };
  const text = lines.map((line) => `  ${line.replaceAll('%d', folder.path)}\n`).join('');
  const sshConfigPath = await folder.write('config', `Host a.example\n  IdentityAgent none\n${text}`);
  const resolver = createResolver({ sshConfigPath, limit: 1, home: folder.path, env });
  const choice = createSystemChoice({ env, setting: () => setting });
  return (await choice.reason(await resolver.resolve('a.example')))?.why ?? null;
}

/** A PATH that has this `klist` first, whose exit status tells whether there is a ticket (klist(1), -s). */
async function withKlist(status: number): Promise<string> {
  await chmod(await folder.write('bin/klist', `#!/bin/sh\nexit ${status}\n`), 0o755);
  return `${join(folder.path, 'bin')}:${process.env.PATH}`;
}

describe.skipIf(!haveSsh)("the system's ssh is chosen", () => {
  it.each([
    ['nothing special', ['IdentityFile %d/plain'], null],
    ['a certificate that is named', ['CertificateFile %d/signed-cert.pub'], 'a certificate'],
    ['a certificate beside the key', ['IdentityFile %d/signed'], 'a certificate'],
    ['a certificate that does not exist', ['CertificateFile %d/none-cert.pub'], null],
    ['a security key', ['IdentityFile %d/sk'], 'a security key'],
    ['a smart card', ['PKCS11Provider /usr/lib/opensc-pkcs11.so'], 'a smart card'],
    ['a proxy that passes a descriptor', ['ProxyCommand x', 'ProxyUseFdpass yes'], 'ProxyUseFdpass'],
    ['host-based login', ['HostbasedAuthentication yes'], 'host-based login'],
    ['an authority for host keys', ['UserKnownHostsFile %d/authority'], 'a certified host key'],
    ['revoked host keys', ['RevokedHostKeys %d/revoked'], 'RevokedHostKeys or KnownHostsCommand'],
  ] as const)('as the configuration wants: %s', async (_what, lines, why) => {
    expect(await reason(lines)).toBe(why);
  });

  it('for Kerberos only with a ticket: Debian and Fedora set it for everybody', async () => {
    const lines = ['GSSAPIAuthentication yes'];
    expect(await reason(lines, { path: await withKlist(1) })).toBeNull();
    expect(await reason(lines, { path: await withKlist(0) })).toBe('a Kerberos ticket');
  });

  it('as the settings want, whatever the configuration says', async () => {
    expect(await reason(['IdentityFile %d/sk'], { setting: 'built-in' })).toBeNull();
    expect(await reason([], { setting: 'system' })).toBe('chosen in the settings');
  });

  it('nowhere where there is none', async () => {
    expect(await reason(['IdentityFile %d/sk'], { path: join(folder.path, 'bin') })).toBeNull();
  });
});
