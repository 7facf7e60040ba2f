import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '#common/failure.ts';
import type { LoginReport } from '#engine/ssh/client/login.ts';
import {
  behindHopFailure,
  type ConnectEvidence,
  connectFailure,
  dropKind,
  execFailure,
  hopFailure,
  lostConnection,
  socketFailure,
  streamFailure,
} from '#engine/ssh/failure.ts';
import { resolvedHost } from '../../../support/ssh/resolved-host.ts';

const host = resolvedHost();
const withFields = (message: string, fields: object): Error => Object.assign(new Error(message), fields);
const version = 'SSH-2.0-OpenSSH_9.2\r\n';
const noLogin: LoginReport = { tried: [], notes: [], offered: null, wants: null, waitsFor: null };
const nothingSaid: ConnectEvidence = {
  host,
  step: 'handshake',
  error: null,
  timeoutMs: null,
  head: '',
  banner: '',
  login: noLogin,
};
const atLogin: Partial<ConnectEvidence> = { step: 'authenticate', head: version };

describe('a connection that fails before it is ready', () => {
  const allFailed = withFields('All configured authentication methods failed', {
    level: 'client-authentication',
  });
  const cases: [string, Partial<ConnectEvidence>, ErrorCode, string][] = [
    ['MaxStartups', { head: 'Exceeded MaxStartups\r\n' }, 'throttled', 'Exceeded MaxStartups'],
    ['a penalty', { head: 'Not allowed at this time\r\n' }, 'throttled', 'Not allowed at this time'],
    [
      'a close before a word',
      { error: withFields('Connection lost before handshake', { level: 'protocol' }) },
      'throttled',
      'the connection was closed before the server said anything',
    ],
    [
      'a reset before a word',
      { error: withFields('read ECONNRESET', { level: 'client-socket', code: 'ECONNRESET' }) },
      'throttled',
      'the connection was closed before the server said anything',
    ],
    [
      'another socket error before a word',
      { error: withFields('read ETIMEDOUT', { level: 'client-socket', code: 'ETIMEDOUT' }) },
      'connection-timeout',
      'read ETIMEDOUT',
    ],
    [
      'a web server',
      { head: 'HTTP/1.1 400 Bad Request\r\n\r\n' },
      'not-ssh',
      'it answers "HTTP/1.1 400 Bad Request"',
    ],
    [
      'a web server that waits',
      { head: 'HTTP/1.1 400\r\n', timeoutMs: 1000 },
      'not-ssh',
      'it answers "HTTP/1.1 400"',
    ],
    [
      'silence',
      { timeoutMs: 5000 },
      'connection-timeout',
      'it accepts connections but says nothing within 5 s',
    ],
    [
      'a handshake that hangs',
      { head: version, timeoutMs: 5000 },
      'connection-timeout',
      'the handshake did not end within 5 s',
    ],
    [
      'a greeting before the version',
      { head: `welcome\r\n${version}`, timeoutMs: 5000 },
      'connection-timeout',
      'the handshake did not end within 5 s',
    ],
    [
      'a login that hangs',
      { ...atLogin, timeoutMs: 30_000 },
      'connection-timeout',
      'logging in took longer than 30 s',
    ],
    [
      'no algorithm in common',
      {
        head: version,
        error: withFields('Handshake failed: no matching C->S cipher', { level: 'handshake' }),
      },
      'algorithm-mismatch',
      'Handshake failed: no matching C->S cipher',
    ],
    ['a close in the handshake', { head: version }, 'connection-lost', 'closed during the handshake'],
    [
      'keys that are refused',
      {
        ...atLogin,
        error: allFailed,
        login: {
          ...noLogin,
          tried: ['~/.ssh/a', '~/.ssh/b'],
          notes: ['no agent'],
          offered: ['publickey', 'password'],
        },
      },
      'auth-failed',
      'tried ~/.ssh/a, ~/.ssh/b; the host offers publickey, password; no agent',
    ],
    [
      'no key at all',
      {
        ...atLogin,
        error: allFailed,
        login: { ...noLogin, notes: ['~/.ssh/a has a passphrase'], offered: ['publickey'] },
      },
      'auth-no-key',
      'the host offers publickey; ~/.ssh/a has a passphrase',
    ],
    [
      'too many keys',
      {
        ...atLogin,
        error: withFields('Too many authentication failures', { code: 2 }),
        login: { ...noLogin, tried: ['agent key x'] },
      },
      'auth-too-many',
      'tried agent key x',
    ],
    [
      'an agent that waits for its user',
      { ...atLogin, login: { ...noLogin, tried: ['agent key x'], waitsFor: 'agent' }, timeoutMs: 30_000 },
      'auth-timeout',
      'the agent did not sign within 30 s',
    ],
    [
      'a question that nobody answers',
      { ...atLogin, login: { ...noLogin, waitsFor: 'answer' } },
      'auth-timeout',
      'no answer was given before the host hung up',
    ],
    [
      'a refused account',
      { ...atLogin, banner: 'Your account has expired' },
      'account-refused',
      'Your account has expired',
    ],
    [
      'a refused account without a word',
      atLogin,
      'account-refused',
      'the host closed the connection during the login',
    ],
    [
      'Slurm',
      { ...atLogin, banner: 'Access denied by pam_slurm_adopt: you have no active jobs on this node' },
      'needs-job',
      'Access denied by pam_slurm_adopt: you have no active jobs on this node',
    ],
    [
      'a reset at the login',
      { ...atLogin, error: withFields('read ECONNRESET', { level: 'client-socket', code: 'ECONNRESET' }) },
      'connection-lost',
      'read ECONNRESET',
    ],
    [
      'a broken packet at the login',
      { ...atLogin, error: withFields('Bad packet length', { level: 'protocol' }) },
      'connection-lost',
      'Bad packet length',
    ],
  ];
  it.each(cases)('%s', (_, evidence, code, detail) => {
    const error = connectFailure({ ...nothingSaid, ...evidence });
    expect([error.code, error.detail, error.command]).toEqual([code, detail, 'ssh gpu1']);
  });

  it('keeps a failure that has its code already', () => {
    const refusal = new AppError('hostkey-unknown', { detail: 'x' });
    expect(connectFailure({ ...nothingSaid, head: version, error: refusal })).toBe(refusal);
  });

  it('tells hostile text on one line, bounded', () => {
    const error = connectFailure({ ...nothingSaid, ...atLogin, banner: `\u001b[31m${'x\n'.repeat(10_000)}` });
    expect(error.detail.length).toBeLessThanOrEqual(400);
    expect(error.detail).toMatch(/^x x /);
  });
});

describe('a socket that does not connect', () => {
  it.each<[string, ErrorCode]>([
    ['ECONNREFUSED', 'connection-refused'],
    ['ETIMEDOUT', 'connection-timeout'],
    ['EHOSTUNREACH', 'host-unreachable'],
    ['ENETUNREACH', 'host-unreachable'],
    ['ENOTFOUND', 'dns-failed'],
    ['EAI_AGAIN', 'dns-failed'],
    ['ECONNRESET', 'throttled'],
    ['ESOMETHING', 'connection-lost'],
  ])('%s is %s', (code, expected) => {
    expect(socketFailure(withFields('why', { code }), host).code).toBe(expected);
  });

  it('with several addresses tells the failure that says most, and all of them', () => {
    const error = new AggregateError([
      withFields('connect ENETUNREACH ::1', { code: 'ENETUNREACH' }),
      withFields('connect ETIMEDOUT 10.0.0.1', { code: 'ETIMEDOUT' }),
    ]);
    expect(socketFailure(error, host)).toMatchObject({
      code: 'connection-timeout',
      detail: 'connect ENETUNREACH ::1; connect ETIMEDOUT 10.0.0.1',
    });
  });
});

describe('a channel that is not opened', () => {
  const failure = (reason: number | string, text: string): Error =>
    withFields(`(SSH) Channel open failure: ${text}`, { reason });

  it.each<[Error, ErrorCode]>([
    [failure(2, 'open failed'), 'sessions-exhausted'],
    [failure(4, 'out of channels'), 'sessions-exhausted'],
    [failure(1, 'no sessions for you'), 'no-shell'],
    [new Error('Unable to exec'), 'no-shell'],
    [new AppError('cancelled'), 'cancelled'],
  ])('exec: %s', (error, code) => {
    expect(execFailure(error).code).toBe(code);
  });

  it.each<[Error, ErrorCode, string]>([
    [failure(1, 'open failed'), 'forwarding-prohibited', 'open failed'],
    [failure(2, 'Connection refused'), 'target-refused', 'Connection refused'],
    [new AppError('connection-lost', { detail: 'x' }), 'connection-lost', 'x'],
  ])('stream: %s', (error, code, detail) => {
    expect(streamFailure(error)).toMatchObject({ code, detail });
  });
});

describe('behind a jump host', () => {
  const hop = { ...host, alias: 'jump', command: 'ssh jump' };

  it.each<[ErrorCode, string, ErrorCode]>([
    ['target-refused', 'Connection refused', 'connection-refused'],
    ['target-refused', 'Connection timed out', 'connection-timeout'],
    ['target-refused', 'No route to host', 'host-unreachable'],
    ['target-refused', 'Name or service not known', 'dns-failed'],
    ['target-refused', 'Temporary failure in name resolution', 'dns-failed'],
    ['target-refused', 'open failed', 'proxy-failed'],
    ['server-timeout', '', 'connection-timeout'],
    ['forwarding-prohibited', 'open failed', 'proxy-failed'],
    ['connection-lost', '', 'proxy-failed'],
    ['cancelled', '', 'cancelled'],
  ])('%s "%s" is %s', (code, detail, expected) => {
    expect(behindHopFailure(new AppError(code, { detail }), hop, host)).toMatchObject({ code: expected });
  });

  it('a failure of the jump host keeps the code that the user can act on, and its command', () => {
    const unknown = new AppError('hostkey-unknown', {
      step: 'handshake',
      detail: 'SHA256:x',
      command: 'ssh jump',
    });
    expect(hopFailure(unknown, hop)).toMatchObject({
      code: 'hostkey-unknown',
      step: 'handshake',
      detail: 'jump host jump: SHA256:x',
      command: 'ssh jump',
    });
    expect(hopFailure(new AppError('dns-failed', { detail: 'getaddrinfo' }), hop)).toMatchObject({
      code: 'proxy-failed',
      detail: 'jump host jump: The host name could not be resolved (getaddrinfo)',
    });
    expect(hopFailure(new AppError('cancelled'), hop)).toMatchObject({ code: 'cancelled' });
  });
});

describe('after the connection was ready', () => {
  it('its end is a loss with the first error as detail', () => {
    expect(lostConnection(new Error('read ECONNRESET'))).toMatchObject({
      code: 'connection-lost',
      detail: 'read ECONNRESET',
    });
    expect(lostConnection(null)).toMatchObject({ code: 'connection-lost', detail: '' });
    const lost = new AppError('connection-lost', { detail: 'of the jump host' });
    expect(lostConnection(lost)).toBe(lost);
  });
});

describe('a drop that another attempt may pass', () => {
  it('is a full sshd, not a penalty', () => {
    expect(dropKind(new AppError('throttled', { detail: 'Exceeded MaxStartups' }))).toBe('busy');
    expect(dropKind(new AppError('throttled', { detail: 'Not allowed at this time' }))).toBe('unclear');
    expect(dropKind(new AppError('connection-lost'))).toBeNull();
    expect(dropKind(new Error('x'))).toBeNull();
  });
});
