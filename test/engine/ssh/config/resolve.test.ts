import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppError, Problem } from '#common/failure.ts';
import { createResolver, type Resolver, type ResolverDeps } from '#engine/ssh/config/resolve.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { expectEnded, isRunning } from '../../../support/is-running.ts';
import { sshMissing } from '../../../support/ssh-missing.ts';

const reason = sshMissing();
const haveSsh = reason === null;
if (!haveSsh) console.warn(`skipped: ${reason}`);

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

async function resolverFor(config: string, deps: Partial<ResolverDeps> = {}): Promise<Resolver> {
  return createResolver({
    sshConfigPath: await folder.write('config', config),
    limit: 8,
    home: folder.path,
    env: { PATH: process.env.PATH },
    ...deps,
  });
}

const rejection = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => {
      throw new Error('it was expected to fail');
    },
    (error: AppError) => error,
  );

const full = `
Host full
  HostName %h.Example.ORG
  User bob
  Port 2222
  IdentityFile ~/.ssh/id_%r_%h
  IdentityFile \${KEYS}/second
  IdentityAgent ~/agent
  IdentitiesOnly yes
  CertificateFile ~/cert.pub
  UserKnownHostsFile "/tmp/with blank/kh" /tmp/kh2
  GlobalKnownHostsFile none
  StrictHostKeyChecking accept-new
  HostKeyAlias the-alias
  HashKnownHosts yes
  ProxyCommand nc -x %n%% %h %p %r
  ConnectTimeout 7
  AddressFamily inet
  BindAddress 127.0.0.1
Host jumping
  ProxyJump me@one:2201,ssh://two,[::1]:22
Host agent
  IdentityAgent $MY_AGENT
  ProxyJump none
  StrictHostKeyChecking off
  IdentityFile none
Host plain
`;

const expectedFull = {
  alias: 'full',
  hostname: 'full.example.org',
  port: 2222,
  user: 'bob',
  proxy: { kind: 'command', command: 'nc -x full% full.example.org 2222 bob' },
  connectTimeoutMs: 7000,
  addressFamily: 4,
  bindAddress: '127.0.0.1',
  hostKeys: {
    strict: 'accept-new',
    alias: 'the-alias',
    userFiles: ['/tmp/with blank/kh', '/tmp/kh2'],
    globalFiles: [],
    hashNames: true,
  },
};

/** With the program and without it, the same values come out. */
describe.each(haveSsh ? ['ssh -G', 'the subset'] : ['the subset'])('%s', (way) => {
  const env = {
    // Not an empty one: without any, the folders of the system are searched all the same.
    PATH: way === 'ssh -G' ? process.env.PATH : '/nonexistent',
    KEYS: '/keys',
    MY_AGENT: '/my/agent',
  };

  it('gives every value a connection depends on', async () => {
    const resolver = await resolverFor(full, { env });
    const { identity, command, ...rest } = await resolver.resolve('full');
    expect(rest).toMatchObject(expectedFull);
    expect(command).toBe(`ssh -F ${folder.path}/config full`);
    expect(identity).toMatchObject({
      files: [`${folder.path}/.ssh/id_bob_full.example.org`, '/keys/second'],
      identitiesOnly: true,
      certificateFiles: [`${folder.path}/cert.pub`],
    });
    // ssh takes its own home directory from the password database and puts it in.
    expect(identity.agentSocket).toMatch(/\/agent$/);
  });

  it('gives the hops of a jump in order', async () => {
    const resolver = await resolverFor(full, { env });
    expect((await resolver.resolve('jumping')).proxy).toEqual({
      kind: 'jump',
      hops: [
        { host: 'one', user: 'me', port: 2201 },
        { host: 'two', user: null, port: null },
        { host: '::1', user: null, port: 22 },
      ],
    });
  });

  it('gives none where none is said', async () => {
    const resolver = await resolverFor(full, { env });
    expect(await resolver.resolve('agent')).toMatchObject({
      proxy: { kind: 'none' },
      identity: { files: [], agentSocket: '/my/agent' },
      hostKeys: { strict: 'no' },
    });
  });

  it('gives defaults', async () => {
    const resolver = await resolverFor(full, { env: { ...env, SSH_AUTH_SOCK: '/env/agent' } });
    const plain = await resolver.resolve('plain');
    expect(plain).toMatchObject({
      hostname: 'plain',
      port: 22,
      user: userInfo().username,
      proxy: { kind: 'none' },
      connectTimeoutMs: null,
      addressFamily: 0,
      bindAddress: null,
      identity: { identitiesOnly: false, agentSocket: '/env/agent', certificateFiles: [] },
      hostKeys: { strict: 'ask', alias: null, hashNames: false },
    });
    expect(plain.identity.files).toContain(`${folder.path}/.ssh/id_ed25519`);
    expect(plain.hostKeys.userFiles[0]).toMatch(/\/\.ssh\/known_hosts$/);
  });

  it('lets the user and port of a hop come before those of the configuration', async () => {
    const resolver = await resolverFor(full, { env });
    const hop = await resolver.resolveHop({ host: 'full', user: 'eve', port: 99 });
    expect(hop).toMatchObject({ alias: 'full', user: 'eve', port: 99, hostname: 'full.example.org' });
    expect(hop.command).toBe(`ssh -F ${folder.path}/config -l eve -p 99 full`);
    expect((await resolver.resolve('full')).user).toBe('bob');
  });

  it('puts nothing into a shell that could do harm there', async () => {
    const resolver = await resolverFor('Host a\n  HostName "b;touch x"\n  ProxyCommand nc %h 1\n', { env });
    expect((await resolver.resolve('a')).proxy).toMatchObject({ kind: 'unsupported' });
  });
});

describe.skipIf(!haveSsh)('the resolver', () => {
  /** A wrapper that writes down its start and end around the real ssh. */
  const recordingSsh = async (): Promise<{ env: NodeJS.ProcessEnv; log(): Promise<string[]> }> => {
    const real = execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim();
    const log = join(folder.path, 'log');
    const wrapper = `#!/bin/sh\necho start >> ${log}\n${real} "$@"\ncode=$?\necho end >> ${log}\nexit $code\n`;
    const path = await folder.write('bin/ssh', wrapper);
    await chmod(path, 0o755);
    return {
      env: { PATH: [join(folder.path, 'bin'), process.env.PATH].join(delimiter) },
      log: async () => (await readFile(log, 'utf8')).trim().split('\n'),
    };
  };

  it('asks once per alias, and again after forget', async () => {
    const { env, log } = await recordingSsh();
    const resolver = await resolverFor('Host a\n', { env });
    const [first, second] = await Promise.all([resolver.resolve('a'), resolver.resolve('a')]);
    expect(first).toBe(second);
    expect(await resolver.resolve('a')).toBe(first);
    expect(await log()).toEqual(['start', 'end']);
    resolver.forget();
    await resolver.resolve('a');
    expect(await log()).toEqual(['start', 'end', 'start', 'end']);
  });

  it('runs no more at once than its limit', async () => {
    const { env, log } = await recordingSsh();
    const resolver = await resolverFor('Host *\n', { env, limit: 3 });
    await Promise.all(Array.from({ length: 12 }, (_, index) => resolver.resolve(`host${index}`)));
    let running = 0;
    const most = (await log()).map((line) => {
      running += line === 'start' ? 1 : -1;
      return running;
    });
    expect(most).toHaveLength(24);
    expect(Math.max(...most)).toBeLessThanOrEqual(3);
  });

  it('fails with what ssh says, and with a command that shows it again', async () => {
    const resolver = await resolverFor('Host loop\n  ProxyJump loop\n');
    const error = await rejection(resolver.resolve('loop'));
    expect(error).toMatchObject({
      code: 'resolve-failed',
      step: 'resolve',
      detail: 'jumphost loop via loop',
    });
    expect(spawnSync('/bin/sh', ['-c', error.command ?? ''], { encoding: 'utf8' }).stderr).toContain(
      error.detail,
    );
  });

  it('remembers no failure', async () => {
    const resolver = await resolverFor('Host a\n  ProxyJump a\n');
    await rejection(resolver.resolve('a'));
    await folder.write('config', 'Host a\n  Port 7\n');
    expect((await resolver.resolve('a')).port).toBe(7);
  });

  it('never lets an alias become an option', async () => {
    const resolver = await resolverFor('Host *\n');
    // As an option it would print the version of ssh.
    const error = await rejection(resolver.resolve('-V'));
    expect(error.code).toBe('resolve-failed');
    expect(error.detail).not.toContain('OpenSSH');
  });

  const slow = () => `Match exec "echo $$ > ${folder.path}/pid; sleep 600"\nHost a\n`;

  it('gives up when ssh does not end, and ends what it has started', async () => {
    const resolver = await resolverFor(slow(), { timeoutMs: 500 });
    expect(await rejection(resolver.resolve('a'))).toMatchObject({
      code: 'resolve-failed',
      detail: expect.stringContaining('did not end in time'),
    });
    await expectEnded(Number(await readFile(`${folder.path}/pid`, 'utf8')));
  });

  it('is aborted for the one who aborts, and ended when that was the last', async () => {
    const resolver = await resolverFor(slow());
    const [first, second] = [new AbortController(), new AbortController()];
    const [one, two] = [first, second].map(({ signal }) => rejection(resolver.resolve('a', signal)));
    const pid = async (): Promise<number> => {
      const text = await readFile(`${folder.path}/pid`, 'utf8').catch(() => '');
      return text.endsWith('\n') ? Number(text) : pid();
    };
    const sleeper = await pid();
    first.abort();
    expect((await one)?.code).toBe('cancelled');
    expect(await isRunning(sleeper)).toBe(true);
    second.abort();
    expect((await two)?.code).toBe('cancelled');
    await expectEnded(sleeper);
  });

  it('goes on with the subset when a bad line makes ssh refuse everything, and tells that once', async () => {
    const problems: Problem[] = [];
    const config = 'Host a\n  Port 2201\nHost\nUseKeychain yes\nHost b\n  Port 2202\n';
    const resolver = await resolverFor(config, { onProblem: (problem) => problems.push(problem) });
    const ports = await Promise.all(['a', 'b'].map(async (alias) => (await resolver.resolve(alias)).port));
    expect(ports).toEqual([2201, 2202]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'config-unreadable' });
    expect(problems[0]?.detail).toContain('line 3: no argument after keyword "host"');
  });
});

describe('without an ssh', () => {
  it('tells each line that it cannot decide once, and again when the configuration may have changed', async () => {
    const problems: Problem[] = [];
    const config = 'Match exec "on-vpn"\n  Port 1\nHost a\n  User %u\nHost b\n';
    const resolver = await resolverFor(config, {
      env: { PATH: '/nonexistent' },
      onProblem: (problem) => problems.push(problem),
    });
    const told = (): string[] =>
      problems.splice(0).map(({ code, detail }) => `${code} ${detail.replace(folder.path, '')}`);
    const exec = 'config-unreadable /config:1: Match exec is not run: on-vpn';
    expect((await resolver.resolve('a')).port).toBe(22);
    expect(told()).toEqual([exec, 'config-unreadable /config:4: tokens in User are not expanded']);
    await resolver.resolve('b');
    expect(told()).toEqual([]);
    resolver.forget();
    await resolver.resolve('b');
    expect(told()).toEqual([exec]);
  });

  it('tells no more than a person reads', async () => {
    const problems: Problem[] = [];
    const config = 'Match exec x\n  IdentityFile x\n'.repeat(500);
    await (
      await resolverFor(config, {
        env: { PATH: '/nonexistent' },
        onProblem: (problem) => problems.push(problem),
      })
    ).resolve('a');
    expect(problems).toHaveLength(50);
  });
});
