import { spawnSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAliases } from '#engine/ssh/config/config.ts';
import { type ConfigItem, walkConfig } from '#engine/ssh/config/config-walk.ts';
import { interpret } from '#engine/ssh/config/interpret.ts';
import { canonicalHost } from '#engine/ssh/config/option-values.ts';
import { createResolver } from '#engine/ssh/config/resolve.ts';
import type { ResolvedHost } from '#engine/ssh/config/resolved.ts';
import { computeSubset } from '#engine/ssh/config/subset.ts';
import { describeFixtures } from '../../../support/fixtures.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { runs, runsTimeoutMs } from '../../../support/runs.ts';

// "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL ...", "OpenSSH_for_Windows_9.5p1, LibreSSL ..."
const { stderr: banner = '' } = spawnSync('ssh', ['-V'], { encoding: 'utf8' });
const [major, minor] = (/OpenSSH\D*(\d+\.\d+)/.exec(banner)?.[1] ?? '').split('.').map(Number);
const haveSsh = major !== undefined && minor !== undefined;
if (!haveSsh) console.warn('skipped: there is no OpenSSH here to compare with; install openssh-client');
/** From 8.7 on lines are split in one way: a backslash quotes, and a comment may stand behind any value. */
const splitsAsToday = haveSsh && (major > 8 || (major === 8 && minor >= 7));
if (haveSsh && !splitsAsToday)
  console.warn(`skipped: OpenSSH ${major}.${minor} reads comments and backslashes as before 8.7`);
/** Hundreds of processes, on a computer that may be busy with others. */
const comparingMs = runsTimeoutMs(120_000);

const { username: localUser, homedir: home } = userInfo();
const env = { PATH: process.env.PATH, HOME: home, SET: 'is-set', KEYS: '/keys' };

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

/** What the configuration says as far as it is documented for the subset. */
type Values = Omit<ResolvedHost, 'alias' | 'command' | 'args' | 'system'>;

function documented({ alias: _alias, ...host }: Omit<ResolvedHost, 'command' | 'args'>): Values {
  // ssh tries some kinds of default keys that the built-in client cannot use.
  const files = host.identity.files.filter((file) => !/\/id_(\w+_sk|xmss|dsa)$/.test(file));
  const { hostname, port, user, proxy, connectTimeoutMs, addressFamily, bindAddress, methods, hostKeys } =
    host;
  const identity = { ...host.identity, files };
  return {
    hostname,
    port,
    user,
    proxy,
    connectTimeoutMs,
    addressFamily,
    bindAddress,
    methods,
    identity,
    hostKeys,
  };
}

interface Computed {
  readonly values: Values;
  /** `line: what`, without the file. */
  readonly undecided: readonly string[];
}

function compute(alias: string, items: readonly ConfigItem[], system: readonly ConfigItem[] = []): Computed {
  const files = [items, system];
  const { values, undecided } = computeSubset({ host: alias, user: null, port: null }, files, {
    home,
    env,
    localUser,
  });
  return {
    values: documented(interpret(alias, values, { home, env, localUser })),
    undecided: undecided.map(({ line, what }) => `${line}: ${what}`),
  };
}

async function subset(config: string, alias: string): Promise<Computed> {
  const { items } = await walkConfig(await folder.write('config', config), { home: folder.path });
  return compute(alias, items);
}

/** ssh refuses to include what others may write to. */
async function writeIncluded(name: string, text: string): Promise<string> {
  const file = await folder.write(name, text);
  await chmod(file, 0o600);
  return file;
}

interface Asked {
  readonly values: Values | null;
  /** Lines that were taken out because ssh refuses the whole file for them. */
  readonly mended: number;
}

/** What `ssh -G` says; null when it refuses the file for something else than single lines. */
async function ask(path: string, text: string, alias: string): Promise<Asked> {
  const lines = text.split('\n');
  for (let mended = 0; mended <= lines.length; ) {
    await writeFile(path, lines.join('\n'));
    const problems: string[] = [];
    const resolver = createResolver({
      sshConfigPath: path,
      limit: 1,
      timeoutMs: comparingMs,
      home,
      env,
      onProblem: ({ detail }) => problems.push(detail),
    });
    const host = await resolver.resolve(alias).catch(() => null);
    if (host === null) return { values: null, mended };
    if (problems.length === 0) return { values: documented(host), mended };
    const bad = [...problems.join(' ').matchAll(/ line (\d+)/g)].map(([, number]) => Number(number) - 1);
    const fresh = [...new Set(bad)].filter((index) => lines[index] !== '');
    if (fresh.length === 0) return { values: null, mended };
    for (const index of fresh) lines[index] = '';
    mended += fresh.length;
  }
  throw new Error('more lines were refused than there are');
}

describe('the subset', () => {
  it('takes the first value, from blocks that match', async () => {
    const config =
      'Port 1\nHost a*\n  User first\n  Port 2\nHost * !ab\n  User second\nMatch all\n  User third\n';
    expect((await subset(config, 'ab')).values).toMatchObject({ port: 1, user: 'first' });
    expect((await subset(config, 'c')).values).toMatchObject({ port: 1, user: 'second' });
    expect((await subset('Host * !ab\n  User second\nMatch all\n  User third\n', 'ab')).values).toMatchObject(
      { user: 'third' },
    );
  });

  it('keeps an Include inside a block within it', async () => {
    await folder.write('.ssh/inner', 'Port 1\nHost *\n  User inner\nHost b\n  User b\n');
    const config = 'Host a\n  Include inner\n  ConnectTimeout 9\nHost *\n  Port 2\n';
    expect((await subset(config, 'a')).values).toMatchObject({
      port: 1,
      user: 'inner',
      connectTimeoutMs: 9000,
    });
    expect((await subset(config, 'b')).values).toMatchObject({
      port: 2,
      user: localUser,
      connectTimeoutMs: null,
    });
  });

  it('reads the configuration of the computer after that of the user', async () => {
    const read = async (name: string, text: string) =>
      (await walkConfig(await folder.write(name, text), { home: folder.path, folder: folder.path })).items;
    await folder.write('ssh_config.d/site', 'Host *\n  HashKnownHosts yes\n  Port 7\n');
    const user = await read('config', 'Host a\n  Port 1\nHost other\n');
    const system = await read('ssh_config', 'User everybody\nInclude ssh_config.d/*\n');
    expect(compute('a', user, system).values).toMatchObject({
      port: 1,
      user: 'everybody',
      hostKeys: { hashNames: true },
    });
  });

  it('lets user and port of a jump host come first, for Match too', async () => {
    const { items } = await walkConfig(
      await folder.write('config', 'Match user eve\n  HostName for-eve\nHost *\n  User bob\n  Port 1\n'),
    );
    const { values } = computeSubset({ host: 'a', user: 'eve', port: 9 }, [items], { home, env, localUser });
    expect([values.get('hostname'), values.get('user'), values.get('port')]).toEqual([
      ['for-eve'],
      ['eve'],
      ['9'],
    ]);
  });
});

describe('any text', () => {
  const keyword = fc.constantFrom(
    ...[
      'Host',
      'Match',
      'HostName',
      'Port',
      'User',
      'IdentityFile',
      'IdentityAgent',
      'ProxyJump',
      'ProxyCommand',
    ],
    ...['ConnectTimeout', 'CanonicalizeHostname', 'CanonicalDomains', 'UserKnownHostsFile', 'AddressFamily'],
  );
  const piece = fc.oneof(
    fc.constantFrom(
      'a',
      '*',
      '!',
      ',',
      '%',
      '%h',
      '${',
      `\${HOME}`,
      '"',
      "'",
      '\\',
      '=',
      '#',
      ' ',
      '\t',
      'exec',
      'all',
      'host',
    ),
    fc.constantFrom('999999999999', '1w', 'none', 'yes', '::1', '0x', '..', '@', ':'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const line = fc
    .tuple(keyword, fc.array(piece, { maxLength: 8 }))
    .map(([word, rest]) => `${word} ${rest.join('')}`);

  it('gives values and reasons that can be shown, without an error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.string({ unit: 'binary' }),
        async (lines, alias) => {
          const { items } = await walkConfig(await folder.write('config', lines.join('\n')), {
            home: folder.path,
          });
          const host = { host: alias, user: null, port: null };
          const { values } = computeSubset(host, [items], { home, env, localUser });
          const { port, hostname } = interpret(alias, values, { home, env, localUser });
          expect(port).toBeGreaterThanOrEqual(1);
          expect(port).toBeLessThanOrEqual(65_535);
          expect(typeof hostname).toBe('string');
        },
      ),
      runs(500),
    );
  });

  it('takes a time that grows with its length alone', async () => {
    const many = 'a,'.repeat(200_000);
    const texts = [
      `Match host ${many}b\n  Port 1\n`,
      `Match ${'host a '.repeat(50_000)}\n  Port 1\n`,
      `Host ${'*a'.repeat(50_000)}b\n  Port 1\n`,
      `ConnectTimeout ${'1s'.repeat(50_000)}\nConnectTimeout ${'1'.repeat(100_000)}x\n`,
      `HostName ${'%h'.repeat(50_000)}${'1.'.repeat(50_000)}\n`,
      `IdentityFile ${'%C'.repeat(50_000)}\n`,
      Array.from({ length: 50_000 }, (_, at) => `IdentityFile ~/keys/${at}\n`).join(''),
      `ProxyJump ${'a,'.repeat(50_000)}${' '.repeat(50_000)}b\n`,
    ];
    for (const text of texts) expect((await subset(text, 'a'.repeat(200))).values.port).toBe(22);
  });
});

describe('what the subset cannot decide', () => {
  it.each([
    ['Match exec is not run', 'Match exec "test -e /vpn"\n  HostName inside\n', '1: Match exec is not run'],
    ['a negated one neither', 'Match !exec true\n  Port 1\n', '1: Match exec is not run'],
    ['a criterion of a newer ssh', 'Match tagged work\n  Port 1\n', '1: Match tagged is not known'],
    ['a Match that ssh refuses', 'Match host\n  Port 1\n', '1: Match host has no argument'],
    ['a Match without criteria', 'Match # none\n  Port 1\n', '1: Match has no criterion'],
    ['a Match with an open quote', 'Match host "a\n  Port 1\n', '1: a quote is not closed'],
    ['all among others', 'Match host a user b all\n  Port 1\n', '1: Match all stands with other criteria'],
    ['a port that is a name', 'Port http\n', '1: the value of port is not understood'],
    ['a value that ssh refuses', '\nIdentitiesOnly maybe\n', '2: the value of identitiesonly is not'],
    ['a token that is none', 'IdentityFile ~/%q\n', '1: %q is not known in identityfile'],
    [
      'a variable that is not set',
      `CertificateFile \${UNSET}\n`,
      `1: \${UNSET} is not set in certificatefile`,
    ],
    ['a token in User', 'User %u\n', '1: tokens in User are not expanded'],
    ['a token in HostName', 'HostName %n.x\n', '1: HostName has a token that is not known'],
    [
      'more keys than ssh takes',
      Array.from({ length: 101 }, (_, at) => `IdentityFile ~/${at}\n`).join(''),
      '101: ssh takes at most 100 of identityfile',
    ],
    ['a name to look up', 'CanonicalizeHostname yes\nCanonicalDomains x.org\n', '1: the host name is not'],
    ['an alias to follow', 'CanonicalizePermittedCNAMEs *.a:*.b\n', '1: the host name is not looked up'],
  ])('%s', async (_, config, expected) => {
    const { undecided } = await subset(config, 'a');
    expect(undecided).toHaveLength(1);
    expect(undecided[0]).toContain(expected);
  });

  it.each([
    ['another criterion decides', 'Match exec false host b\n  Port 1\n'],
    ['the block says nothing that matters', 'Match exec "true"\n  ForwardAgent yes\n'],
    ['what it says is known already', 'Port 1\nMatch exec "true"\n  Port 2\n'],
    ['it stands in a block that does not count', 'Host b\n  Port %\n'],
    ['the name has too many dots', 'CanonicalizeHostname yes\nCanonicalDomains x\nHostName a.b.c\n'],
    ['it is an address', 'CanonicalizeHostname yes\nCanonicalDomains x\nHostName 1234\n'],
    [
      'the way goes through a proxy',
      'CanonicalizeHostname yes\nCanonicalDomains x.org\nProxyCommand nc %h %p\n',
    ],
  ])('is not told when %s', async (_, config) => {
    expect((await subset(config, 'a')).undecided).toEqual([]);
  });

  it('is told when a block that depends on it is included', async () => {
    await folder.write('.ssh/inner', 'Host a\n  Port 1\n');
    const { values, undecided } = await subset('Match exec "true"\n  Include inner\n', 'a');
    expect([values.port, undecided]).toEqual([22, ['1: Match exec is not run: true']]);
  });
});

/** Small configurations whose host is always `a`; ssh is asked about each, too. */
const samples: Readonly<Record<string, string>> = {
  'Match host before HostName': 'Match host a\n  User one\nHost a\n  HostName b\nMatch host b\n  User two\n',
  'Match host after HostName': 'Host a\n  HostName b\nMatch host b\n  User two\nMatch host a\n  User one\n',
  'Match host in any case': 'Host a\n  HostName B.Example\nMatch host *.EXAMPLE\n  User two\n',
  'Match host with HostName %h': 'HostName %h.example%%\nMatch host a.example%\n  User two\n',
  'Match originalhost': 'Host a\n  HostName b\nMatch originalhost a,c\n  User two\n',
  'Match with a negated pattern':
    'Match originalhost *,!a\n  User one\nMatch originalhost *,!b\n  User two\n',
  'Match with a negated criterion': 'Match !host a\n  User one\nMatch !host b\n  User two\n',
  'Match user': 'Match user bob\n  Port 1\nUser bob\nMatch user b?b\n  Port 2\n',
  'Match localuser': `Match localuser nobody-here,${localUser}\n  Port 1\n`,
  'Match !localuser': `Match !localuser ${localUser}\n  Port 1\nMatch !localuser *,!${localUser}\n  Port 2\n`,
  'Match with two criteria': 'Match host a user bob\n  Port 1\nMatch originalhost a host a\n  Port 2\n',
  'Match all': 'Match all\n  Port 1\n',
  'Match !all': 'Match !all\n  Port 1\n',
  'Match final all': 'Match final all\n  Port 1\n',
  'Match final sees the new name': 'Match final host b\n  Port 1\nHost b\n  User bob\nHost a\n  HostName b\n',
  'Host blocks again under final':
    'Host b\n  User bob\n  IdentityFile x\nHost a\n  HostName b\nMatch final\n',
  'Match final that fails by itself':
    'Host b\n  Port 1\nHost a\n  HostName b\nMatch host z final\n  User x\n',
  'Match !final': 'Match !final\n  Port 1\n',
  'Match canonical': 'Match canonical\n  Port 1\nMatch !canonical\n  Port 2\n',
  'Match canonical all': 'CanonicalizeHostname yes\nMatch canonical all\n  Port 1\n',
  'Match with equals and quotes': 'Match host="a" user=bob\n  Port 1\nMatch "host" "a,b"\n  Port 2\n',
  'Match in an Include that does not count': 'Host b\n  Include inner\n',
  'Match in an Include': 'Host a\n  Include inner\nUser x\n',
  'IdentityFile adds up, each once': 'IdentityFile x\nHost a\n  IdentityFile ~/y\nHost *\n  IdentityFile x\n',
  'IdentityFile none': 'IdentityFile none\n',
  'tokens in files': 'IdentityFile ~/%h-%n-%p-%r-%%-%u-%i-%l-%L-%d-%k-%C\nCertificateFile %d/c-%h\n',
  'tokens of ProxyJump': 'User bob\nProxyJump %n@x,%r@gw-%h:1\n',
  'tokens in known_hosts': `UserKnownHostsFile ~/.ssh/kh-%h-%k %d/\${SET}\nHostKeyAlias Al\n`,
  variables: `IdentityFile \${KEYS}/x\nIdentityAgent \${KEYS}/agent\n`,
  'IdentityAgent with tokens': 'IdentityAgent ~/agent-%h-%u\n',
  'IdentityAgent by name': 'IdentityAgent $KEYS\n',
  'IdentityAgent SSH_AUTH_SOCK': 'IdentityAgent SSH_AUTH_SOCK\n',
  'IdentityAgent none': 'IdentityAgent none\n',
  'ProxyJump before ProxyCommand': 'ProxyJump x:1,me@y\nProxyCommand nc %h %p\n',
  'ProxyCommand before ProxyJump': 'ProxyCommand = nc -x "%h" %p # %r\nProxyJump x\n',
  'ProxyCommand none before ProxyJump': 'ProxyCommand none\nProxyJump x\n',
  'ProxyJump none before ProxyJump': 'ProxyJump none\nProxyJump x\nProxyCommand none\nProxyCommand x\n',
  'ConnectTimeout with units': 'ConnectTimeout 1m30s\n',
  'ConnectTimeout none sets nothing': 'ConnectTimeout none\nConnectTimeout 2H\n',
  'Port by name': 'Port ssh\n',
  'true and false': 'IdentitiesOnly TRUE\nHashKnownHosts True\nStrictHostKeyChecking FALSE\n',
  'StrictHostKeyChecking off': 'StrictHostKeyChecking off\n',
  'StrictHostKeyChecking accept-new': 'StrictHostKeyChecking Accept-New\n',
  AddressFamily: 'AddressFamily INET6\nBindAddress ::1\n',
  'HostKeyAlias in capitals': 'HostKeyAlias The-Alias\n',
  'known_hosts lists':
    'UserKnownHostsFile "/x y" ~/z\nUserKnownHostsFile /other\nGlobalKnownHostsFile none\n',
  methods: 'PreferredAuthentications password,publickey\nChallengeResponseAuthentication no\n',
  'no keys': 'PubkeyAuthentication no\nPasswordAuthentication no\n',
  'HostName as a number': 'HostName 0x7f.1\n',
  'HostName in capitals': 'HostName GPU.Example.ORG\n',
  'HostName as a long IPv6 address': 'HostName FE80:0:0::1\n',
  'too many dots to look up':
    'CanonicalizeHostname yes\nCanonicalDomains x.org\nHostName b.c.d\nHost b.c.d\n  Port 1\n',
  'HostName as an IPv6 address in capitals': 'HostName FE80::1\n',
  'HostName with a colon': 'HostName GPU:22\n',
  'HostName beyond ASCII': 'HostName \u00c9.Example\n',
  'NONE in capitals': 'IdentityFile NONE\nUserKnownHostsFile NONE\nGlobalKnownHostsFile NONE\n',
  'ProxyJump with empty ports': 'ProxyJump x:,me@y:\n',
  'quoted keywords': '"Host" a\n\t"User"  b\n"Port"\t7\n',
  'equals behind a quoted keyword': '"User"=x\n"HostName"==b\n"Host" = b\n  Port 1\n',
  'quotes within a keyword': 'Us"er" x\nHo"st" b\n  Port 1\n',
  'empty words before a keyword': '= User x\n"" Port 7\n== HostName b\n',
  'CRLF, tabs and equals': 'Host=a\r\n\tPort\t=\t7\r\n  user= "b b"\r\n',
};

/** The same, for releases that split lines as today's do. */
const laterSamples: Readonly<Record<string, string>> = {
  'Match with a comment': 'Match host a # user bob\n  Port 1\n',
  'a word behind jump hosts': 'ProxyJump x:1,me@y z\n',
  'a comment behind a value': 'ProxyJump x:1,me@y # z\nUser bob # alice\n',
};

describe.skipIf(!haveSsh)('the subset and ssh -G', () => {
  const all = splitsAsToday ? { ...samples, ...laterSamples } : samples;

  it.each(Object.keys(all))('agree on %s', { timeout: comparingMs }, async (title) => {
    // ssh takes relative Includes from the real home folder; an absolute one is the same for both.
    const inner = await folder.write(
      'inner',
      'Match originalhost a\n  Port 1\nMatch originalhost *\n  Port 2\n',
    );
    const text = (all[title] ?? '').replaceAll('Include inner', `Include ${inner}`);
    const path = await folder.write('config', text);
    const { items } = await walkConfig(path, { home });
    const { values, undecided } = compute('a', items);
    const asked = await ask(path, text, 'a');
    expect({ values: asked.values, mended: asked.mended }).toEqual({ values, mended: 0 });
    expect(undecided).toEqual([]);
  });

  it.each([
    ...['1234', '0x7f.1', '010.1', '1.2', '4294967295', '4294967296', '1.256', '1.2.65536', '08', '1..2'],
    ...[
      '0xA.1',
      '1.2.3.4.',
      '::1',
      '0::0001',
      '::ffff:1.2.3.4',
      'fe80::1%lo',
      'FE80::1%lo',
      'FE80::1',
      'ABCD:0::1',
      'GPU:x',
      'GPU%x',
      'GPU',
      'GP\u00dc',
      '1.2.3.4.5',
    ],
  ])('agree on the name %s', async (name) => {
    const path = await folder.write('config', '');
    const { stdout } = spawnSync('ssh', ['-F', path, '-G', '--', name], { encoding: 'utf8' });
    expect(`hostname ${canonicalHost(name)}`).toBe(/^hostname .*$/m.exec(stdout)?.[0]);
  });

  const pattern = fc.constantFrom('a', 'b', '*', 'a*', '?', '!a', '!b', 'A', 'b.x', '*.x', 'c');
  const list = fc.array(pattern, { minLength: 1, maxLength: 3 });
  const criterion = fc.oneof(
    fc.tuple(fc.constantFrom('host', 'originalhost', 'user', 'localuser'), list).map(([n, l]) => `${n} ${l}`),
    fc.constantFrom('final', 'canonical', 'all', `localuser ${localUser}`, 'host="a"', 'user=b'),
  );
  const line = fc.oneof(
    list.map((patterns) => `Host ${patterns.join(' ')}`),
    fc
      .array(fc.tuple(fc.constantFrom('', '!'), criterion), { minLength: 1, maxLength: 3 })
      .map((all) => `Match ${all.map(([negation, each]) => negation + each).join(' ')}`),
    fc
      .tuple(
        fc.constantFrom('User', 'HostName', 'IdentityFile', 'HostKeyAlias', 'BindAddress', 'ProxyJump'),
        fc.constantFrom('a', 'B', 'b.x', 'c', 'none'),
      )
      .map((words) => `  ${words.join(' ')}`),
    fc.constantFrom(
      '  HostName %h.x',
      '  Port 1',
      '  Port 2',
      'Include INNER',
      '# Port 9',
      '  ConnectTimeout 1m',
    ),
    fc.constantFrom('"Host" a', 'Ho"st" b', '"User"=x', '\t"Port"\t7\r', 'User==b', '= User a', '"" Port 2'),
    fc.constantFrom('HostName FE80::1', 'IdentityFile NONE', 'ProxyJump x:,y:', 'UserKnownHostsFile NONE'),
    fc.constantFrom('  ProxyCommand nc %h', '  IdentitiesOnly yes', '  UserKnownHostsFile ~/x "/y z"', ''),
  );

  it('agree on random configurations wherever the subset says it is sure', {
    timeout: comparingMs,
  }, async () => {
    const tally = { equal: 0, undecided: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 2, maxLength: 14 }),
        fc.array(line, { maxLength: 5 }),
        async (outer, inner) => {
          const file = await writeIncluded(
            'inner',
            inner.filter((each) => !each.includes('INNER')).join('\n'),
          );
          const text = outer.join('\n').replaceAll('INNER', file);
          const path = await folder.write('config', text);
          const { items } = await walkConfig(path, { home });
          const { values, undecided } = compute('a', items);
          const asked = await ask(path, text, 'a');
          if (undecided.length > 0) tally.undecided += 1;
          else if (asked.values === null || asked.mended > 0) tally.refused += 1;
          else {
            expect(asked.values).toEqual(values);
            tally.equal += 1;
          }
        },
      ),
      runs(200),
    );
    console.log(`random configurations against ssh -G: ${JSON.stringify(tally)}`);
    expect(tally.equal).toBeGreaterThan(50);
  });

  describeFixtures('ssh_config', (files) => {
    it.skipIf(!splitsAsToday)(
      'agree on every alias and pattern of every file, or the subset says where it does not know',
      { timeout: comparingMs },
      async () => {
        const rows: string[] = [];
        const different: object[] = [];
        for (const { name, text } of files) {
          const original = await folder.write('original', text);
          const { aliases } = await readAliases(original, { home });
          const { items } = await walkConfig(original, { home });
          const names = new Set([...aliases.map(({ alias }) => alias), ...impliedNames(items)]);
          const outcomes = await Promise.all(
            [...names].map(async (alias, index) => {
              const { values, undecided } = compute(alias, items);
              const asked = await ask(join(folder.path, `mended${index}`), text, alias);
              const equal = JSON.stringify(asked.values) === JSON.stringify(values);
              if (!equal && undecided.length === 0)
                different.push({ name, alias, asked: asked.values, values });
              const outcome = undecided.length > 0 ? 'undecided' : equal ? 'equal' : 'DIFFERENT';
              return { alias, outcome, undecided, mended: asked.mended };
            }),
          );
          rows.push(...table(name, outcomes));
        }
        console.log(`${'name'.padEnd(50)} the subset and ssh -G\n${rows.join('\n')}`);
        expect(different).toEqual([]);
      },
    );
  });
});

/** Names that match the patterns of Host and Match originalhost, and one that matches nothing but `*`. */
function impliedNames(items: readonly ConfigItem[]): string[] {
  const words = items.flatMap((item) => {
    if (item.kind !== 'directive') return [];
    if (item.keyword === 'host') return item.rest.split(/\s+/);
    if (item.keyword !== 'match') return [];
    return [...item.rest.matchAll(/host[ =]+(\S+)/gi)].flatMap(([, list = '']) => list.split(','));
  });
  const names = words.map((word) => word.replace(/[!"]/g, '').replace(/[*?]/g, 'x'));
  return [...names, 'nothing'].filter((name) => /^[\w][\w.-]*$/.test(name));
}

interface Outcome {
  readonly alias: string;
  readonly outcome: string;
  readonly undecided: readonly string[];
  readonly mended: number;
}

/** A line for the file, then one per alias. */
function table(name: string, outcomes: readonly Outcome[]): string[] {
  const count = (outcome: string): number => outcomes.filter((each) => each.outcome === outcome).length;
  const mended = Math.max(0, ...outcomes.map((each) => each.mended));
  const without = mended === 0 ? '' : `, without ${mended} lines that ssh refuses`;
  return [
    `${name}: ${outcomes.length} names, ${count('equal')} equal, ${count('undecided')} undecided${without}`,
    ...outcomes.map(
      ({ alias, outcome, undecided }) => `  ${alias.padEnd(48)} ${[outcome, ...undecided].join('; ')}`,
    ),
  ];
}
