import {
  chmod,
  copyFile,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createResolver, type Resolver, type ResolverDeps } from '#engine/ssh/config/resolve.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { sshMissing } from '../../../support/ssh-missing.ts';

const reason = process.platform === 'win32' ? 'answers are not kept on Windows' : sshMissing();
if (reason !== null) console.warn(`skipped: ${reason}`);

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const file = () => join(folder.path, 'state', 'ssh-answers.json');

/** A resolver of another start of the app. Files count as settled, for a test does not wait until they are. */
function start(deps: Partial<ResolverDeps> & { readonly appVersion?: string } = {}): Resolver {
  const { appVersion = '1.0.0', ...others } = deps;
  return createResolver({
    sshConfigPath: join(folder.path, 'config'),
    limit: 4,
    home: folder.path,
    env: { PATH: process.env.PATH, KEYS: '/keys' },
    keep: { path: file(), appVersion, now: () => Date.now() + 60_000 },
    ...others,
  });
}

/** What a start says of the host, with what it has kept written. */
async function ask(alias = 'gpu', deps: Parameters<typeof start>[0] = {}) {
  const resolver = start(deps);
  const host = await resolver.resolve(alias);
  await resolver.dispose();
  return host;
}

/** What ssh says now, with nothing kept. */
const fresh = (alias = 'gpu', deps: Partial<ResolverDeps> = {}) =>
  ask(alias, { ...deps, keep: undefined } as Partial<ResolverDeps>);

/** Whether the answer comes from the file: it says what only that does. */
async function isKept(deps: Parameters<typeof start>[0] = {}): Promise<boolean> {
  const before = await readFile(file(), 'utf8').catch(() => null);
  if (before === null) return false;
  await writeFile(file(), before.replaceAll('port 22\\n', 'port 4242\\n'), { mode: 0o600 });
  const { port } = await ask('gpu', deps);
  await writeFile(file(), before, { mode: 0o600 });
  return port === 4242;
}

const plain = `Host gpu\n  HostName gpu.example\n  User bob\n  IdentityFile \${KEYS}/id\nInclude more.d/*\nInclude one\n`;

describe.skipIf(reason !== null)('answers of ssh -G that are kept', () => {
  beforeEach(async () => {
    await mkdir(join(folder.path, '.ssh', 'more.d'), { recursive: true });
    await folder.write('.ssh/more.d/a', 'Host other\n');
    await folder.write('config', plain);
  });

  it('are those of ssh, in a file of the user alone, and are used by the next start', async () => {
    const first = await ask();
    expect(first).toEqual(await fresh());
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await isKept()).toBe(true);
    expect(await ask()).toEqual(first);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['the configuration', () => folder.write('config', plain.replace('bob', 'eve'))],
    [
      'the configuration, by one of the same size and time',
      async () => {
        const path = join(folder.path, 'config');
        const { atime, mtime } = await stat(path);
        await folder.write('next', plain.replace('bob', 'eve'));
        await utimes(join(folder.path, 'next'), atime, mtime);
        await rename(join(folder.path, 'next'), path);
      },
    ],
    ['an included file', () => folder.write('.ssh/more.d/a', 'Host gpu\n  Port 2201\n')],
    ['an included folder, by one more file', () => folder.write('.ssh/more.d/b', 'Host gpu\n  Port 2202\n')],
    ['an Include that named nothing', () => folder.write('.ssh/one', 'Host gpu\n  Port 2203\n')],
    [
      'a link, which leads elsewhere',
      async () => {
        await folder.write('elsewhere', 'Host gpu\n  Port 2204\n');
        await rm(join(folder.path, '.ssh', 'more.d', 'a'));
        await symlink(join(folder.path, 'elsewhere'), join(folder.path, '.ssh', 'more.d', 'a'));
      },
    ],
    ['the configuration, which is gone', () => rm(join(folder.path, 'config'))],
  ])('are asked anew after a change of %s', async (_what, change) => {
    await ask();
    expect(await isKept()).toBe(true);
    await change();
    expect(await isKept()).toBe(false);
    expect(await ask()).toEqual(await fresh());
  });

  it('are asked anew by another version, home, variable or program', async () => {
    await ask();
    const env = { PATH: process.env.PATH, KEYS: '/other' };
    expect(await isKept({ appVersion: '1.0.1' })).toBe(false);
    await ask();
    expect(await isKept({ home: join(folder.path, 'elsewhere') })).toBe(false);
    await ask();
    expect(await isKept({ env })).toBe(false);
    expect(await ask('gpu', { env })).toEqual(await fresh('gpu', { env }));
    expect((await ask('gpu', { env })).identity.files).toEqual(['/other/id']);
    await ask();
    const bin = await folder.write('bin/placeholder', '');
    await copyFile('/usr/bin/ssh', join(bin, '..', 'ssh'));
    await chmod(join(bin, '..', 'ssh'), 0o755);
    const PATH = `${join(bin, '..')}:${process.env.PATH}`;
    expect(await isKept({ env: { PATH, KEYS: '/keys' } })).toBe(false);
  });

  it('are of the user and port that they were asked for', async () => {
    const resolver = start();
    await resolver.resolve('gpu');
    expect(await resolver.resolveHop({ host: 'gpu', user: 'ann', port: 2200 })).toMatchObject({
      user: 'ann',
      port: 2200,
    });
    await resolver.dispose();
    const next = start();
    expect(await next.resolveHop({ host: 'gpu', user: 'ann', port: 2200 })).toMatchObject({
      user: 'ann',
      port: 2200,
    });
    expect(await next.resolve('gpu')).toMatchObject({ user: 'bob', port: 22 });
    await next.dispose();
  });

  it.each([
    ['Match exec', 'Match exec "true"\n  Port 22\n'],
    ['Match exec beside others, in quotes', 'Match host gpu "exec" true\n  Port 22\n'],
    ['Match localnetwork', 'Match localnetwork 10.0.0.0/8\n  Port 22\n'],
    ['a Match of a later ssh', 'Match moon full\n  Port 22\n'],
    ['the name servers', 'CanonicalizeHostname yes\n'],
    ['what cannot be read', 'Host "open\n'],
    ['folders of any name', 'Include any/*/config\n'],
  ])('are none where %s may decide', async (_what, lines) => {
    await folder.write('config', `${plain}${lines}`);
    await ask().catch(() => undefined);
    expect(await readFile(file(), 'utf8').catch(() => null)).toBeNull();
  });

  it('are none of files that were just written, and none of a script called ssh', async () => {
    await ask('gpu', { keep: { path: file(), appVersion: '1' } });
    expect(await readFile(file(), 'utf8').catch(() => null)).toBeNull();
    await folder.write('bin/ssh', '#!/bin/sh\nexec /usr/bin/ssh "$@"\n');
    await chmod(join(folder.path, 'bin', 'ssh'), 0o755);
    await ask('gpu', { env: { PATH: `${join(folder.path, 'bin')}:${process.env.PATH}`, KEYS: '/keys' } });
    expect(await readFile(file(), 'utf8').catch(() => null)).toBeNull();
  });

  it('of another writing are not taken', async () => {
    await ask();
    const good = await readFile(file(), 'utf8');
    const hostile = good.replaceAll('port 22\\n', 'port 4242\\n');
    for (const text of [
      '',
      '{',
      hostile.slice(0, -40),
      '[]',
      '{"version":1}',
      hostile.replace('"version":1', '"version":2'),
    ]) {
      await writeFile(file(), text);
      expect((await ask()).port).toBe(22);
    }
    const answers = JSON.parse(good);
    for (const broken of [7, null, ['x'], 'no answer of ssh']) {
      const wrong = Object.fromEntries(Object.keys(answers.answers).map((key) => [key, broken]));
      await writeFile(file(), JSON.stringify({ ...answers, answers: wrong }));
      expect((await ask()).port).toBe(22);
    }
    await writeFile(file(), hostile);
    await chmod(file(), 0o666);
    expect((await ask()).port).toBe(22);
    await rm(file());
    await mkdir(file());
    expect((await ask()).port).toBe(22);
  });

  it('are not those that were asked for before a change and came after it', async () => {
    const resolver = start();
    const early = resolver.resolve('gpu');
    resolver.forget();
    await early;
    await folder.write('config', plain.replace('bob', 'eve'));
    resolver.forget();
    expect((await resolver.resolve('gpu')).user).toBe('eve');
    await resolver.dispose();
    expect((await ask()).user).toBe('eve');
    expect(await isKept()).toBe(true);
  });
});
