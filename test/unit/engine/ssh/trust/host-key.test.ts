import { mkdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostKeyRules, ResolvedHost } from '#engine/ssh/config/resolved.ts';
import { prepareHostKeyCheck } from '#engine/ssh/trust/host-key.ts';
import { createTrust } from '#engine/ssh/trust/trust.ts';
import { type Folder, temporaryFolder } from '../../../../support/folder.ts';
import { resolvedHost } from '../../../../support/ssh/resolved-host.ts';

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const key = (fill: number): Buffer =>
  Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1'), Buffer.alloc(32, fill)]);

function host(rules: Partial<HostKeyRules>): ResolvedHost {
  const userFiles = [`${folder.path}/known hosts`];
  const { hostKeys } = resolvedHost();
  return resolvedHost({ port: 2222, hostKeys: { ...hostKeys, strict: 'accept-new', userFiles, ...rules } });
}

const trust = createTrust();

describe('the check of a host key', () => {
  it('accepts the same key at a rekey and no other', async () => {
    const check = await prepareHostKeyCheck(host({}), trust, () => undefined);
    expect(check.verify(key(1))).toBeNull();
    expect(check.verify(key(1))).toBeNull();
    expect(check.verify(key(2))).toMatchObject({ code: 'hostkey-changed' });
    expect(check.verify(key(1))).toBeNull();
  });

  it('writes a new key once, and only when it is told that the host has proved it', async () => {
    const check = await prepareHostKeyCheck(host({}), trust, () => undefined);
    const read = () => readFile(`${folder.path}/known hosts`, 'utf8').catch(() => null);
    check.verify(key(1));
    expect(await read()).toBeNull();
    await check.record();
    await check.record();
    expect(await read()).toBe(`[gpu1.example]:2222 ssh-ed25519 ${key(1).toString('base64')}\n`);
  });

  it('goes on when the file cannot be written, and says so in the log', async () => {
    await mkdir(`${folder.path}/known hosts`);
    const log: string[] = [];
    const check = await prepareHostKeyCheck(host({}), trust, (level, message) =>
      log.push(`${level} ${message}`),
    );
    expect(check.verify(key(1))).toBeNull();
    await check.record();
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/^warn gpu1: .*known hosts could not be written: EISDIR/);
  });

  it('writes nothing where there is no file to write to', async () => {
    const check = await prepareHostKeyCheck(host({ userFiles: [] }), trust, () => undefined);
    expect(check.verify(key(1))).toBeNull();
    await check.record();
  });

  it('asks first for the types it knows, an RSA key by its modern signatures', async () => {
    const rsa = Buffer.from('\0\0\0\x07ssh-rsa\0\0\0\x01e\0\0\0\x01n', 'latin1').toString('base64');
    const dss = Buffer.from(`\0\0\0\x07ssh-dss${'\0\0\0\x01p'.repeat(4)}`, 'latin1').toString('base64');
    const lines = [`ssh-dss ${dss}`, `ssh-rsa ${rsa}`, `ssh-ed25519 ${key(1).toString('base64')}`];
    await folder.write('known hosts', lines.map((line) => `[gpu1.example]:2222 ${line}\n`).join(''));
    const check = await prepareHostKeyCheck(host({}), trust, () => undefined);
    expect(check.preferred).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
  });

  it('quotes the file in the command that takes a changed key away', async () => {
    await folder.write('known hosts', `[gpu1.example]:2222 ssh-ed25519 ${key(1).toString('base64')}\n`);
    const check = await prepareHostKeyCheck(host({}), trust, () => undefined);
    expect(check.verify(key(2))?.command).toBe(
      `ssh-keygen -R '[gpu1.example]:2222' -f '${folder.path}/known hosts'`,
    );
  });
});
