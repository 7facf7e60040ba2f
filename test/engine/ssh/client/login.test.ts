import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Asker, UnknownHostKey } from '#common/prompts.ts';
import type { Asking, Question } from '#engine/ssh/asking.ts';
import type { Pool } from '#engine/ssh/pool.ts';
import { createTrust } from '#engine/ssh/trust/trust.ts';
import { type Folder, temporaryFolder } from '../../../support/folder.ts';
import { output, poolFor, rejection, startTestSshd } from '../../../support/ssh/pool-for.ts';
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
import { type LoginServer, type LoginServerOptions, startLoginServer } from '../login-server.ts';

/** A person who answers from a list and notes what was asked; null is "dismissed". */
function person(answers: (readonly string[] | null)[]) {
  const asked: (Question & { asker: Asker })[] = [];
  const asking: Asking = {
    interactive: true,
    ask: async (asker, question) => {
      asked.push({ ...question, asker });
      return answers.shift() ?? null;
    },
  };
  return { asking, asked };
}

describe.skipIf(!sshdAvailable())('a login with a person at hand', () => {
  let folder: Folder;
  let plainKey: string;
  let lockedKey: string;
  let sshd: Sshd;

  beforeAll(async () => {
    folder = await temporaryFolder();
    plainKey = await generateKey(join(folder.path, 'plain'));
    lockedKey = await generateKey(join(folder.path, 'locked'), 'ed25519', 'open sesame');
    sshd = await startSshd({ authorizedKeys: [await publicKey(lockedKey)] });
  });
  afterAll(async () => {
    await sshd?.stop();
    await folder?.remove();
  });

  const poolWith = async (
    options: HostOptions,
    overrides: Parameters<typeof poolFor>[1] = {},
  ): Promise<Pool> => {
    const dir = await temporaryFolder();
    const path = await writeSshConfig(dir.path, [{ alias: 'lab', options }]);
    const pool = poolFor(path, { home: folder.path, ...overrides });
    onTestFinished(async () => {
      await pool.dispose();
      await dir.remove();
    });
    return pool;
  };

  const serverWith = async (options: Omit<LoginServerOptions, 'hostKeyPath'>) => {
    const server: LoginServer = await startLoginServer({ hostKeyPath: plainKey, ...options });
    onTestFinished(() => server.close());
    const pool = await poolWith({
      HostName: '127.0.0.1',
      Port: server.port,
      User: 'me',
      IdentityFile: plainKey,
      IdentityAgent: 'none',
      StrictHostKeyChecking: 'no',
      UserKnownHostsFile: '/dev/null',
      GlobalKnownHostsFile: '/dev/null',
    });
    return { server, pool };
  };

  const twoQuestions = [
    {
      text: 'Duo two-factor login',
      prompts: [
        { prompt: 'Password: ', echo: false, answer: 'secret' },
        { prompt: 'Passcode or option (1-3): ', echo: true, answer: '123456' },
      ],
    },
  ];

  it('answers a key and then keyboard-interactive, and says that a person did', async () => {
    const { server, pool } = await serverWith({
      steps: ['publickey', 'keyboard-interactive'],
      rounds: twoQuestions,
    });
    const { asking, asked } = person([['secret', '123456']]);
    const { transport } = await pool.get('lab', { asking });
    expect(await output(transport, 'x')).toBe('in\n');
    expect(transport.answered).toBe(true);
    expect(asked).toMatchObject([
      {
        kind: 'interactive',
        text: 'Login · Duo two-factor login',
        fields: [
          { label: 'Password:', echo: false },
          { label: 'Passcode or option (1-3):', echo: true },
        ],
        asker: { alias: 'lab', user: 'me', isJumpHost: false },
        memo: null,
      },
    ]);
    expect(server.attempts).toEqual(['publickey', 'keyboard-interactive']);
  });

  it('asks again after a wrong answer, three times at most', async () => {
    const { server, pool } = await serverWith({ steps: ['keyboard-interactive'], rounds: twoQuestions });
    const wrong = ['no', 'no'];
    const { asking, asked } = person([wrong, wrong, wrong, ['secret', '123456']]);
    const error = await rejection(pool.get('lab', { asking }));
    expect(error).toMatchObject({ code: 'auth-interactive', step: 'authenticate' });
    expect(asked.map(({ again }) => again)).toEqual([false, true, true]);
    expect(server.attempts.filter((method) => method === 'keyboard-interactive')).toHaveLength(3);
  });

  it('takes a password, the second one right', async () => {
    const { pool } = await serverWith({ steps: ['password'], password: 'right' });
    const { asking, asked } = person([['wrong'], ['right']]);
    await pool.get('lab', { asking });
    expect(asked.map(({ kind, again }) => [kind, again])).toEqual([
      ['password', false],
      ['password', true],
    ]);
  });

  it('ends without another question when the person dismisses one', async () => {
    const { pool } = await serverWith({ steps: ['password'], password: 'right' });
    const { asking, asked } = person([null]);
    expect(await rejection(pool.get('lab', { asking }))).toMatchObject({ code: 'auth-interactive' });
    expect(asked).toHaveLength(1);
  });

  it('never sends keyboard-interactive or a password when nobody is there', async () => {
    const { server, pool } = await serverWith({
      steps: ['publickey', 'keyboard-interactive'],
      rounds: twoQuestions,
    });
    expect(await rejection(pool.get('lab'))).toMatchObject({ code: 'auth-interactive' });
    expect(server.attempts).toEqual(['publickey', 'none']);
  });

  it('turns a caller away that may not ask while a person is asked, and lets it join afterwards', async () => {
    const { pool } = await serverWith({ steps: ['password'], password: 'right' });
    let answer: (answers: readonly string[]) => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => {
      const ask: Asking['ask'] = () =>
        new Promise((settle) => {
          answer = settle;
          resolve();
        });
      void pool.get('lab', { asking: { interactive: true, ask } });
    });
    await isAsked;
    expect(await rejection(pool.get('lab'))).toMatchObject({ code: 'auth-waiting' });
    answer(['right']);
    const { transport } = await pool.get('lab', { asking: person([]).asking });
    expect((await pool.get('lab')).transport).toBe(transport);
  });

  it('needs no second login for a second connection, which it does without', async () => {
    const { server, pool } = await serverWith({ steps: ['password'], password: 'right' });
    const { asking } = person([['right']]);
    const { transport } = await pool.get('lab', { asking });
    expect((await pool.get('lab', { lane: 'second' })).transport).toBe(transport);
    expect(server.attempts.filter((method) => method === 'password')).toHaveLength(1);
  });

  it('takes the question back when the host hangs up before it is answered', async () => {
    const hasty = await startTestSshd({
      config: ['LoginGraceTime 1', 'PasswordAuthentication yes', 'AuthenticationMethods password'],
    });
    const pool = await poolWith(hasty.hostOptions());
    let takenBack = false;
    const ask: Asking['ask'] = (_asker, _question, signal) =>
      new Promise((settle) => {
        signal.addEventListener('abort', () => {
          takenBack = true;
          settle(null);
        });
      });
    expect(await rejection(pool.get('lab', { asking: { interactive: true, ask } }))).toMatchObject({
      code: 'auth-timeout',
      step: 'authenticate',
      detail: 'no answer was given before the host hung up',
    });
    expect(takenBack).toBe(true);
  });

  describe('with a key that has a passphrase', () => {
    const lockedPool = () =>
      poolWith({ ...sshd.hostOptions(), IdentityFile: lockedKey, IdentitiesOnly: 'yes' });

    it('says so in the background, because the host would take the key', async () => {
      const error = await rejection((await lockedPool()).get('lab'));
      expect(error).toMatchObject({ code: 'auth-locked', step: 'authenticate' });
    });

    it('asks once per run', async () => {
      const pool = await lockedPool();
      const { asking, asked } = person([['wrong'], ['open sesame']]);
      expect(await output((await pool.get('lab', { asking })).transport, 'echo in')).toBe('in\n');
      expect(asked.map(({ kind, text, again }) => [kind, text, again])).toEqual([
        ['passphrase', '~/locked', false],
        ['passphrase', '~/locked', true],
      ]);
      await pool.closeAll();
      expect(await output((await pool.get('lab')).transport, 'echo in')).toBe('in\n');
    });

    it('does not ask for the passphrase of a key that the host refuses', async () => {
      const other = await generateKey(join(folder.path, 'other'), 'ed25519', 'x');
      const pool = await poolWith({ ...sshd.hostOptions(), IdentityFile: other, IdentitiesOnly: 'yes' });
      const { asking, asked } = person([]);
      expect(await rejection(pool.get('lab', { asking }))).toMatchObject({ code: 'auth-no-key' });
      expect(asked).toEqual([]);
    });
  });

  it('writes an unknown host key only after it was accepted and the host has proved it', async () => {
    const met: UnknownHostKey[] = [];
    const trust = createTrust({ onMet: (key) => met.push(key) });
    const knownHosts = join(folder.path, 'fresh_known_hosts');
    const options = { ...sshd.hostOptions(), UserKnownHostsFile: knownHosts, StrictHostKeyChecking: 'ask' };
    const pool = await poolWith(options, { trust });
    const error = await rejection(pool.get('lab'));
    expect(error).toMatchObject({ code: 'hostkey-unknown', hostKeyId: met[0]?.id });
    expect(met).toMatchObject([{ name: `[127.0.0.1]:${sshd.port}`, type: 'ssh-ed25519', file: knownHosts }]);
    expect(await readFile(knownHosts, 'utf8').catch(() => null)).toBeNull();
    trust.accept([met[0]?.id ?? '']);
    await pool.get('lab');
    expect(await readFile(knownHosts, 'utf8')).toBe(`[127.0.0.1]:${sshd.port} ${sshd.hostKeyPublic}\n`);
  });

  it('offers no acceptance under StrictHostKeyChecking yes', async () => {
    const met: UnknownHostKey[] = [];
    const pool = await poolWith(
      { ...sshd.hostOptions(), UserKnownHostsFile: join(folder.path, 'none'), StrictHostKeyChecking: 'yes' },
      { trust: createTrust({ onMet: (key) => met.push(key) }) },
    );
    const error = await rejection(pool.get('lab'));
    expect([error.code, error.hostKeyId, met]).toEqual(['hostkey-unknown', undefined, []]);
  });

  it('gives a password to the host that it was asked for, and remembers it for the key of that host', async () => {
    const password = { steps: ['password' as const], hostKeyPath: plainKey };
    const hop = await startLoginServer({ ...password, password: 'for the hop' });
    const target = await startLoginServer({ ...password, password: 'for the target' });
    const dir = await temporaryFolder();
    onTestFinished(async () => {
      await hop.close();
      await target.close();
      await dir.remove();
    });
    const jump = await startTestSshd({});
    const to = (port: number) => ({
      HostName: '127.0.0.1',
      Port: port,
      User: 'me',
      IdentityFile: plainKey,
      IdentityAgent: 'none',
      StrictHostKeyChecking: 'no',
      UserKnownHostsFile: '/dev/null',
    });
    const path = await writeSshConfig(dir.path, [
      { alias: 'hop', options: to(hop.port) },
      { alias: 'jump', options: jump.hostOptions() },
      { alias: 'behind-hop', options: { ...to(target.port), ProxyJump: 'hop' } },
      { alias: 'behind-jump', options: { ...to(target.port), ProxyJump: 'jump' } },
    ]);
    const pool = poolFor(path, { home: folder.path });
    onTestFinished(() => pool.dispose());
    const print = await fingerprintOf(plainKey);
    const memoAt = (port: number): string => `password me@127.0.0.1:${port} ${print}`;

    const atTarget = person([['for the target']]);
    const { transport } = await pool.get('behind-jump', { asking: atTarget.asking });
    expect(await output(transport, 'true')).toBe('in\n');
    expect(atTarget.asked).toMatchObject([
      { asker: { alias: 'behind-jump', isJumpHost: false }, memo: memoAt(target.port) },
    ]);
    expect(jump.logText()).not.toMatch(/password/i);

    const before = target.attempts.length;
    const atHop = person([['for the hop']]);
    await rejection(pool.get('behind-hop', { asking: atHop.asking }));
    expect(atHop.asked).toMatchObject([
      { asker: { alias: 'hop', isJumpHost: true }, memo: memoAt(hop.port) },
    ]);
    expect(hop.attempts).toContain('password');
    expect(target.attempts).toHaveLength(before);
  });
});
