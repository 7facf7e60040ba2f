import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Problem } from '#common/failure.ts';
import { prepareHostKeyCheck } from '#engine/ssh/trust/host-key.ts';
import { judgeHostKey, lookupName, parseKnownHosts } from '#engine/ssh/trust/known-hosts.ts';
import { appendKnownHost, checkReadable, readKnownHosts } from '#engine/ssh/trust/known-hosts-file.ts';
import { createTrust } from '#engine/ssh/trust/trust.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { resolvedHost } from '../../../support/ssh/resolved-host.ts';

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
let unmount = (): void => undefined;
afterEach(async () => {
  unmount();
  unmount = () => undefined;
  await folder.remove();
});

const key = (fill: number): Buffer =>
  Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1'), Buffer.alloc(32, fill)]);
const lineFor = (name: string, fill: number): string =>
  `${name} ssh-ed25519 ${key(fill).toString('base64')}\n`;
const gpu = lookupName('gpu', 22, null);
const checkOf = (file: string, onProblem: (problem: Problem) => void = () => undefined) => {
  const hostKeys = { ...resolvedHost().hostKeys, strict: 'no' as const, userFiles: [file], globalFiles: [] };
  const host = resolvedHost({ hostname: 'gpu', port: 22, hostKeys });
  return prepareHostKeyCheck(host, createTrust({ onProblem }), () => undefined);
};

describe('a known_hosts file', () => {
  it('of any size is read to its end', async () => {
    const file = join(folder.path, 'large');
    const others = Array.from({ length: 1000 }, (_, at) => lineFor(`other-${at}`, 1)).join('');
    await writeFile(file, `${others.repeat(Math.ceil(25_000_000 / others.length))}${lineFor('gpu', 7)}`);
    const check = await checkOf(file);
    expect(check.verify(key(7))).toBeNull();
    expect((await checkOf(file)).verify(key(8))).toMatchObject({ code: 'hostkey-changed' });
  });

  it('that cannot be read is not taken for an empty one', async () => {
    const inCircle = join(folder.path, 'circle');
    await symlink(inCircle, inCircle);
    const endless = join(folder.path, 'endless');
    await writeFile(endless, `${'a,'.repeat(600_000)} ssh-ed25519 ${lineFor('gpu', 7)}`);
    const pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const file of [inCircle, endless, pipe])
      await expect(checkOf(file)).rejects.toMatchObject({ code: 'known-hosts-unreadable' });
    await expect(checkReadable([inCircle])).rejects.toMatchObject({ code: 'known-hosts-unreadable' });
    const nothing = [join(folder.path, 'none'), join(endless, 'below'), folder.path, '/dev/null'];
    expect(await readKnownHosts(nothing, gpu)).toEqual([]);
    await checkReadable(nothing);
  });

  it.each(['ed25519', 'rsa', 'ecdsa'])('that was cut anywhere in a line says nothing of %s', (type) => {
    const path = join(folder.path, 'key');
    const made = spawnSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', path]);
    if (made.error !== undefined) return console.log('skipped: there is no ssh-keygen here');
    const [name = '', base64 = ''] = execFileSync('cat', [`${path}.pub`], { encoding: 'utf8' }).split(' ');
    const whole = `gpu ${name} ${base64}`;
    const right = Buffer.from(base64, 'base64');
    const judged = Array.from(
      { length: whole.length },
      (_, at) => judgeHostKey(parseKnownHosts(whole.slice(0, at), 'kh'), gpu, right).kind,
    );
    expect(new Set(judged)).toEqual(new Set(['unknown']));
    expect(judgeHostKey(parseKnownHosts(whole, 'kh'), gpu, right).kind).toBe('known');
  });

  it('on a full disk is left as it was, which is said', async () => {
    const disk = join(folder.path, 'disk');
    await mkdir(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status === 0;
    if (!mounted) return console.log('skipped: only root can make a small disk');
    unmount = () => void spawnSync('umount', [disk]);
    const file = join(disk, 'known_hosts');
    // The last page has room for a part of a line, and there is no other page.
    const before = lineFor('other', 1).repeat(60).slice(0, 4050).concat('\n');
    await writeFile(file, before);
    await writeFile(join(disk, 'filling'), Buffer.alloc(1_000_000)).catch(() => undefined);
    await expect(appendKnownHost(file, { name: 'gpu', key: key(7), hash: false })).rejects.toMatchObject({
      code: 'ENOSPC',
    });
    expect(await readFile(file, 'utf8')).toBe(before);
    const problems: Problem[] = [];
    const check = await checkOf(file, (problem) => problems.push(problem));
    expect(check.verify(key(7))).toBeNull();
    await check.record();
    expect(problems).toMatchObject([
      { code: 'known-hosts-unwritten', detail: expect.stringMatching(/known_hosts: ENOSPC/) },
    ]);
    expect((await checkOf(file)).verify(key(7))).toBeNull();
  });
});
