/** The values that `ssh -G` leaves raw, as the real ssh expands them: in its log, with a proxy that ends at once. */

import { spawnSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAliases } from '#engine/ssh/config/config.ts';
import { createResolver, type Resolver } from '#engine/ssh/config/resolve.ts';
import type { JumpHop, ResolvedHost } from '#engine/ssh/config/resolved.ts';
import { resolveRoute } from '#engine/ssh/config/route.ts';
import { type RunResult, run } from '#engine/ssh/io/child.ts';
import { describeFixtures } from '../../../support/fixtures.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { runs, runsTimeoutMs } from '../../../support/runs.ts';
import { sshMissing } from '../../../support/ssh-missing.ts';

const haveSsh = sshMissing() === null && process.platform !== 'win32';
if (!haveSsh) console.warn('skipped: there is no ssh here to compare with; install openssh-client');
/** Hundreds of processes, on a computer that may be busy with others. */
const comparingMs = runsTimeoutMs(120_000);

const { homedir: home } = userInfo();
const env = { PATH: process.env.PATH, HOME: home, SET: 'is-set', TOKEN: '%h~' };

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

interface Keys {
  readonly files: readonly string[];
  readonly certificates: readonly string[];
}

/** What ssh says it opens, or null when it gives up before; nothing is contacted. */
async function openedBySsh(path: string, alias: string): Promise<Keys | null> {
  const quiet = [
    'ProxyJump=none',
    'ProxyCommand=true',
    'BatchMode=yes',
    'ControlPath=none',
    'LogLevel=DEBUG1',
  ];
  const args = ['-F', path, '-T', ...quiet.flatMap((option) => ['-o', option]), '--', alias];
  const result = await run('ssh', args, { env, timeoutMs: comparingMs });
  const log = said(result);
  if (!/Local version|kex_exchange|banner exchange|Connection (closed|reset)/i.test(log)) return null;
  const find = (what: string): string[] =>
    [...log.matchAll(new RegExp(`^debug1: ${what} file (.*) type -?\\d+\\r?$`, 'gm'))].map(([, file = '']) =>
      plain(isAbsolute(file) ? file : join(home, file)),
    );
  const files = find('identity');
  // Beside each key it looks for a certificate.
  return {
    files: files.filter((file, index) => index === 0 || file !== `${files[index - 1]}-cert`),
    certificates: find('certificate'),
  };
}

/** The same file by a shorter path. */
function plain(file: string): string {
  return file.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
}

function said(result: RunResult): string {
  return result.kind === 'ended' ? result.stderr : '';
}

function keysOf({ identity }: ResolvedHost): Keys {
  return { files: identity.files.map(plain), certificates: identity.certificateFiles.map(plain) };
}

/** Walks a chain of jumps as ssh does: each starts the next one, here a program that ends at once. */
async function jumpsOfSsh(path: string, alias: string): Promise<JumpHop[] | null> {
  const hops: JumpHop[] = [];
  for (let args = [alias]; ; ) {
    const { stderr } = spawnSync(
      'ssh',
      ['-v', '-F', path, '-T', '-o', 'BatchMode=yes', '-o', 'ControlPath=none', ...args],
      { argv0: '/bin/true', encoding: 'utf8', env },
    );
    const implicit = /Setting implicit ProxyCommand from ProxyJump/.test(stderr);
    if (!implicit) return /Executing proxy|Connecting to|Could not resolve/.test(stderr) ? hops : null;
    const words = /Executing proxy command: exec \/bin\/true (.*?)\r?$/m.exec(stderr)?.[1];
    const parts = /^(?:-l (\S+) )?(?:-p (\S+) )?(?:-J (\S+) )?-F \S+ -v -W '\S+' (\S+)$/.exec(words ?? '');
    if (parts === null) return null;
    const [, user = null, port = null, jump, host = ''] = parts;
    hops.push({ host, user, port: port === null ? null : Number(port) });
    const own = [...(user === null ? [] : ['-l', user]), ...(port === null ? [] : ['-p', port])];
    args = [
      ...own,
      ...(jump === undefined ? ['-o', 'ProxyJump=none', '-o', 'ProxyCommand=true'] : ['-J', jump]),
      host,
    ];
  }
}

/** The same chain as the app walks it; null when it refuses. */
async function jumpsOfApp(resolver: Resolver, alias: string): Promise<JumpHop[] | null> {
  try {
    const target = await resolver.resolve(alias);
    if (target.proxy.kind === 'unsupported') return null;
    const route = await resolveRoute(target, resolver, AbortSignal.timeout(comparingMs));
    return route
      .toReversed()
      .flatMap(({ proxy }) => (proxy.kind === 'jump' ? (proxy.hops.at(-1) ?? []) : []));
  } catch {
    return null;
  }
}

const resolverFor = (sshConfigPath: string, problems: string[] = []): Resolver =>
  createResolver({
    sshConfigPath,
    limit: 4,
    timeoutMs: comparingMs,
    home,
    env,
    onProblem: ({ detail }) => problems.push(detail),
  });

const expandedNames = 'Host t\n  HostName real.example\n  User appuser\n  Port 77\n  HostKeyAlias al\n';

describe.skipIf(!haveSsh)('the hops of a ProxyJump are those of ssh:', () => {
  const compare = async (jump: string): Promise<{ ours: JumpHop[] | null; theirs: JumpHop[] | null }> => {
    const path = await folder.write('config', `${expandedNames}  ProxyJump ${jump}\n`);
    return { theirs: await jumpsOfSsh(path, 't'), ours: await jumpsOfApp(resolverFor(path), 't') };
  };

  it.each([
    ['%r@bastion.example:2222', [{ host: 'bastion.example', user: 'appuser', port: 2222 }]],
    ['gw-%n.%h', [{ host: 'gw-t.real.example', user: null, port: null }]],
    ['%k-%p', [{ host: 'al-77', user: null, port: null }]],
    [
      'one,%r@%h.two:2,%n@three',
      [
        { host: 'three', user: 't', port: null },
        { host: 'real.example.two', user: 'appuser', port: 2 },
        { host: 'one', user: null, port: null },
      ],
    ],
    ['[%h]:22', [{ host: 'real.example', user: null, port: 22 }]],
    ['ssh://%25r@x:5', [{ host: 'x', user: 'appuser', port: 5 }]],
    ['%%r@x', [{ host: 'x', user: '%r', port: null }]],
    [
      '%%n@x,y',
      [
        { host: 'y', user: null, port: null },
        { host: 'x', user: 'y', port: null },
      ],
    ],
    ['%u@x', null],
    ['a%j', null],
    ['x,a%d', null],
    ['100%', null],
  ])('%s', async (jump, hops) => {
    expect(await compare(jump)).toEqual({ theirs: hops, ours: hops });
  });

  const token = fc.constantFrom('%r', '%h', '%n', '%p', '%k', '%%', '%%r', '%%n', 'a', 'b.c', '-', '1');
  const rare = fc.constantFrom('%u', '%', '%C', '%j');
  const word = fc
    .array(fc.oneof({ weight: 30, arbitrary: token }, { weight: 1, arbitrary: rare }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((parts) => parts.join(''));
  const hop = fc
    .tuple(fc.option(word), word, fc.option(fc.constantFrom(1, 22, 65_535)))
    .map(
      ([user, host, port]) => `${user === null ? '' : `${user}@`}x${host}${port === null ? '' : `:${port}`}`,
    );

  it('any chain', { timeout: comparingMs }, async () => {
    let walked = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(hop, { minLength: 1, maxLength: 3 }), async (hops) => {
        const { ours, theirs } = await compare(hops.join(','));
        // A user like `-x` would be an option of the next ssh.
        fc.pre(!(theirs ?? []).some(({ user }) => user?.startsWith('-')));
        expect(ours).toEqual(theirs);
        if (theirs !== null) walked += 1;
      }),
      runs(30),
    );
    expect(walked).toBeGreaterThan(5);
  });
});

describe.skipIf(!haveSsh)('the files of keys and certificates are those that ssh opens:', () => {
  const compare = async (lines: string): Promise<{ theirs: Keys | null; ours: Keys | null }> => {
    const path = await folder.write('config', lines);
    const ours = await resolverFor(path)
      .resolve('t')
      .then(keysOf, () => null);
    return { theirs: await openedBySsh(path, 't'), ours };
  };

  it.each([
    ['~/.ssh/%C/id', expandedNames],
    ['~root/.ssh/id', ''],
    ['~root', ''],
    ['~nosuch-user/id', ''],
    ['/x/%d/%u/%i/%k/%L/%l/%n/%h/%p/%r', expandedNames],
    [`/\${SET}/\${TOKEN}%%h`, expandedNames],
    [`/\${UNSET}/id`, ''],
    ['/x/%q', ''],
    ['/x/100%', ''],
    [`/x/\${SET`, ''],
    ['/x/%%C', ''],
    ['relative/%h', ''],
  ])('%s', async (file, lines) => {
    const { theirs, ours } = await compare(
      `${lines}Host *\n  IdentityFile ${file}\n  CertificateFile ${file}\n`,
    );
    expect(ours).toEqual(theirs);
  });

  it('%C and %j behind a jump host, as the installed ssh knows them', async () => {
    const path = await folder.write('config', `${expandedNames}  IdentityFile /%C\n  ProxyJump %r@gw%h\n`);
    // It prints this one expanded, and expands it in the same way.
    const ask = async (text: string): Promise<string | undefined> =>
      /^controlpath (.*)$/m.exec(
        spawnSync('ssh', ['-F', path, '-G', '-o', `ControlPath=${text}`, 't'], { encoding: 'utf8', env })
          .stdout,
      )?.[1];
    expect((await resolverFor(path).resolve('t')).identity.files).toEqual([await ask('/%C')]);
    const withJump = await folder.write(
      'config',
      `${expandedNames}  IdentityFile /x-%j\n  ProxyJump %r@gw%h\n`,
    );
    const files = await resolverFor(withJump)
      .resolve('t')
      .then(
        ({ identity }) => identity.files,
        () => [undefined],
      );
    expect(files).toEqual([await ask('/x-%j')]);
  });

  it('what ssh -G has expanded is not expanded again', async () => {
    const path = await folder.write(
      'config',
      `${expandedNames}  IdentityAgent /a%%h\n  UserKnownHostsFile /k%%n ~root/%C\n`,
    );
    const { identity, hostKeys } = await resolverFor(path).resolve('t');
    expect([identity.agentSocket, hostKeys.userFiles[0]]).toEqual(['/a%h', '/k%n']);
    expect(hostKeys.userFiles[1]).toMatch(/^\/.*\/[\da-f]{40}$/);
  });

  const part = fc.constantFrom(
    ...[
      '%C',
      '%d',
      '%u',
      '%i',
      '%k',
      '%L',
      '%l',
      '%n',
      '%h',
      '%p',
      '%r',
      '%%',
      'a',
      '/',
      '-',
      '.',
      '~',
      `\${SET}`,
    ],
    ...['%C', '%h', '%r', `\${TOKEN}`, '$SET', '{', '}'],
  );
  const rare = fc.constantFrom('%q', '%', `\${UNSET}`, `\${`, '%H', '%T');
  const file = fc
    .tuple(
      fc.constantFrom('/', '~/', '~root/', '/x/', '~'),
      fc.array(fc.oneof({ weight: 25, arbitrary: part }, { weight: 1, arbitrary: rare }), { maxLength: 5 }),
    )
    .map(([start, parts]) => start + parts.join(''));

  it('any path', { timeout: comparingMs }, async () => {
    let opened = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(file, { minLength: 1, maxLength: 3 }),
        file,
        async (files, certificate) => {
          const lines = files.map((each) => `  IdentityFile ${each}\n`).join('');
          const { theirs, ours } = await compare(
            `${expandedNames}${lines}  CertificateFile ${certificate}\n`,
          );
          expect(ours).toEqual(theirs);
          if (theirs !== null) opened += 1;
        },
      ),
      runs(60),
    );
    expect(opened).toBeGreaterThan(10);
  });
});

describe.skipIf(!haveSsh)('every sample configuration', () => {
  describeFixtures('ssh_config', (files) => {
    it('has the key files and the jump hosts that ssh has', { timeout: comparingMs }, async () => {
      const tally = { names: 0, 'key files': 0, certificates: 0, jumps: 0 };
      for (const { name, text } of files) {
        const path = await folder.write(name, await withoutRefused(text));
        await chmod(path, 0o600);
        const resolver = resolverFor(path);
        const { aliases } = await readAliases(path, { home });
        await Promise.all(
          [...aliases.map(({ alias }) => alias), 'nothing'].map(async (alias) => {
            const host = await resolver.resolve(alias).catch(() => null);
            const theirs = await openedBySsh(path, alias);
            expect([name, alias, host && keysOf(host)]).toEqual([name, alias, theirs]);
            tally.names += 1;
            tally['key files'] += theirs?.files.length ?? 0;
            tally.certificates += theirs?.certificates.length ?? 0;
            if (host?.proxy.kind !== 'jump') return;
            expect([name, alias, host.proxy.hops.at(-1)]).toEqual([
              name,
              alias,
              (await jumpsOfSsh(path, alias))?.[0],
            ]);
            tally.jumps += 1;
          }),
        );
      }
      console.log(`compared with ssh -v: ${JSON.stringify(tally)}`);
      expect(tally.names).toBeGreaterThan(files.length);
    });
  });

  /** The lines for which ssh refuses a whole file are empty ones. */
  async function withoutRefused(text: string): Promise<string> {
    const lines = text.split('\n');
    for (;;) {
      const path = await folder.write('mended', lines.join('\n'));
      const { stderr } = spawnSync('ssh', ['-F', path, '-T', '-G', 'x'], { encoding: 'utf8', env });
      const bad = [...stderr.matchAll(/ line (\d+)/g)].map(([, number]) => Number(number) - 1);
      const fresh = bad.filter((index) => lines[index] !== '');
      if (fresh.length === 0) return lines.join('\n');
      for (const index of fresh) lines[index] = '';
    }
  }
});
