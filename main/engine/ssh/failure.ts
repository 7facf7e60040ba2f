/** The one place where what ssh2, node:net and the agent report becomes an AppError with a code. */

import { AppError, describeFailure, type ErrorCode, messageOf } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import type { LoginReport } from './client/login.ts';
import type { ResolvedHost } from './config/resolved.ts';
import { localNetworkHint } from './io/local-network.ts';

/** All that is known when a connection ends before it was ready. */
export interface ConnectEvidence {
  readonly host: ResolvedHost;
  readonly step: 'handshake' | 'authenticate';
  /** The first error reported; null when the connection just ended, which is how sshd refuses an account. */
  readonly error: Error | null;
  /** The time limit that passed, if one did. */
  readonly timeoutMs: number | null;
  /** The first bytes from the server, which ssh2 swallows. */
  readonly head: string;
  /** The latest message of the server to the person who logs in. */
  readonly banner: string;
  readonly login: LoginReport;
}

export function connectFailure(evidence: ConnectEvidence): AppError {
  const { host, step, error } = evidence;
  if (error instanceof AppError) return error;
  const [code, detail] = classify(evidence);
  return new AppError(code, { step, detail: plainText(detail, 400), command: host.command, cause: error });
}

type Finding = readonly [ErrorCode, string];

function classify(evidence: ConnectEvidence): Finding {
  const { step, error, timeoutMs, head, login } = evidence;
  const before = step === 'handshake' ? beforeHandshake(head) : null;
  if (before !== null) return before;
  if (timeoutMs !== null) {
    const seconds = timeoutMs / 1000;
    if (login.waitsFor !== null) return ['auth-timeout', `${kept[login.waitsFor]} within ${seconds} s`];
    if (step === 'authenticate') return ['connection-timeout', `logging in took longer than ${seconds} s`];
    const what = head === '' ? 'it accepts connections but says nothing' : 'the handshake did not end';
    return ['connection-timeout', `${what} within ${seconds} s`];
  }
  if (head === '') return dropped(error);
  if (step === 'authenticate') return duringLogin(evidence);
  const message = error?.message ?? '';
  // ssh2: "Handshake failed: no matching key exchange algorithm".
  if (/no matching/i.test(message)) return ['algorithm-mismatch', message];
  return ['connection-lost', message === '' ? 'closed during the handshake' : message];
}

/** What did not come while the host was kept waiting. */
const kept = { agent: 'the agent did not sign', answer: 'no answer was given' } as const;

/** What a server says in place of its version line. */
function beforeHandshake(head: string): Finding | null {
  // sshd sends these words and closes: too many logins in flight, or (since 9.8) a penalty for this address.
  if (/^(Exceeded MaxStartups|Not allowed at this time)/m.test(head)) return ['throttled', head];
  // RFC 4253, 4.2: other lines may come first. A head that is cut short tells nothing yet.
  const complete = head.length >= 4 && !/^SSH-/m.test(head);
  return complete ? ['not-ssh', `it answers "${plainText(head, 80)}"`] : null;
}

/** Closed or reset before the first byte: sshd at its limit before it can say so, hosts.deny, or fail2ban. */
function dropped(error: Error | null): Finding {
  const code = errorCode(error);
  const lost = error === null || code === 'ECONNRESET' || code === 'EPIPE' || !(code in socketCodes);
  if (lost) return ['throttled', 'the connection was closed before the server said anything'];
  return socketFinding(error);
}

function duringLogin({ error, banner, login }: ConnectEvidence): Finding {
  const message = error?.message ?? '';
  const detail = [banner, message].filter((text) => text !== '').join('; ');
  // sshd: SSH_MSG_DISCONNECT with code 2.
  if (/too many authentication failures/i.test(message)) return ['auth-too-many', loginDetail(login)];
  if (levelOf(error) === 'client-authentication') return [loginCode(login), loginDetail(login)];
  // sshd hangs up without a word when a login takes longer than its LoginGraceTime.
  if (login.waitsFor !== null) return ['auth-timeout', `${kept[login.waitsFor]} before the host hung up`];
  if (levelOf(error) === 'client-socket') return socketFinding(error);
  if (levelOf(error) === 'protocol') return ['connection-lost', message];
  // Slurm's pam_slurm_adopt: "Access denied by pam_slurm_adopt: you have no active jobs on this node".
  if (/no active jobs|pam_slurm/i.test(detail)) return ['needs-job', detail];
  return ['account-refused', detail === '' ? 'the host closed the connection during the login' : detail];
}

function loginCode({ wants, tried }: LoginReport): ErrorCode {
  if (wants === 'passphrase') return 'auth-locked';
  if (wants === 'answer') return 'auth-interactive';
  return tried.length === 0 ? 'auth-no-key' : 'auth-failed';
}

function loginDetail({ tried, notes, offered }: LoginReport): string {
  return [
    tried.length === 0 ? '' : `tried ${tried.join(', ')}`,
    offered === null ? '' : `the host offers ${offered.join(', ')}`,
    ...notes,
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** In order of what tells most, for a name with several addresses that fail differently. */
const socketCodes: Readonly<Record<string, ErrorCode>> = {
  EMFILE: 'open-files',
  ENFILE: 'open-files',
  ECONNREFUSED: 'connection-refused',
  ETIMEDOUT: 'connection-timeout',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  EHOSTUNREACH: 'host-unreachable',
  ENETUNREACH: 'host-unreachable',
  EHOSTDOWN: 'host-unreachable',
  ENETDOWN: 'host-unreachable',
  EADDRNOTAVAIL: 'host-unreachable',
  EACCES: 'host-unreachable',
  EPERM: 'host-unreachable',
  ENOTFOUND: 'dns-failed',
  EAI_AGAIN: 'dns-failed',
  EAI_FAIL: 'dns-failed',
  EAI_NODATA: 'dns-failed',
};

/** Why our own socket did not connect. */
export function socketFailure(error: Error, host: ResolvedHost): AppError {
  const [code, what] = errorCode(error) === 'ECONNRESET' ? dropped(error) : socketFinding(error);
  const detail = [what, localNetworkHint(error)].filter((part) => part !== '').join('; ');
  return new AppError(code, {
    step: 'connect',
    detail: plainText(detail),
    command: host.command,
    cause: error,
  });
}

function socketFinding(error: unknown): Finding {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const codes = errors.map(errorCode);
  const code = Object.keys(socketCodes).find((known) => codes.includes(known));
  const messages = errors.map(messageOf);
  return [socketCodes[code ?? ''] ?? 'connection-lost', messages.join('; ')];
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function levelOf(error: Error | null): string {
  return error !== null && 'level' in error ? String(error.level) : '';
}

/**
 * What a drop at connecting is: `busy`, for the other logins in flight, so that the next attempt may well pass; `unclear`,
 * that or a penalty for this address (see drops.ts); null where it is no drop.
 */
export function dropKind(error: unknown): 'busy' | 'unclear' | null {
  if (!(error instanceof AppError) || error.code !== 'throttled') return null;
  return /Not allowed at this time/.test(error.detail) ? 'unclear' : 'busy';
}

/** A connection that was ready and has ended. */
export function lostConnection(error: Error | null): AppError {
  if (error instanceof AppError && error.code === 'connection-lost') return error;
  return new AppError('connection-lost', { detail: plainText(error?.message ?? ''), cause: error });
}

/** RFC 4254, 5.1; ssh2 puts the number into `reason`. */
const prohibited = 1;

/** Why no session channel could be opened, or why the command was refused on it. */
export function execFailure(error: Error): AppError {
  if (error instanceof AppError) return error;
  const reason = 'reason' in error ? error.reason : null;
  // sshd answers a session beyond MaxSessions with "open failed" (reason 2); others with a shortage (4).
  const code = typeof reason === 'number' && reason !== prohibited ? 'sessions-exhausted' : 'no-shell';
  return new AppError(code, { step: 'shell', detail: plainText(error.message), cause: error });
}

/** Why no direct-tcpip channel could be opened. The detail is what the host says: "Connection refused". */
export function streamFailure(error: Error): AppError {
  if (error instanceof AppError) return error;
  const code = 'reason' in error && error.reason === prohibited ? 'forwarding-prohibited' : 'target-refused';
  const detail = plainText(error.message.replace(/^\(SSH\) Channel open failure: /, ''));
  return new AppError(code, { step: 'forward', detail, cause: error });
}

/** Why the last jump host does not reach the host behind it, from the failure of the stream it should have opened. */
export function behindHopFailure(error: unknown, hop: ResolvedHost, host: ResolvedHost): unknown {
  if (!(error instanceof AppError)) return error;
  const code = codeBehindHop(error);
  if (code === null) return error;
  const detail = `from jump host ${hop.alias}: ${error.detail || describeFailure(error)}`;
  const at = code === 'proxy-failed' ? { hop: hop.alias } : {};
  return new AppError(code, { step: 'connect', detail, command: host.command, ...at, cause: error });
}

function codeBehindHop({ code, detail }: AppError): ErrorCode | null {
  if (code === 'forwarding-prohibited' || code === 'connection-lost') return 'proxy-failed';
  if (code === 'server-timeout' || /timed out/i.test(detail)) return 'connection-timeout';
  if (code !== 'target-refused') return null;
  if (/refused/i.test(detail)) return 'connection-refused';
  if (/no route|unreachable/i.test(detail)) return 'host-unreachable';
  // getaddrinfo on the jump host.
  return /name|resol/i.test(detail) ? 'dns-failed' : 'proxy-failed';
}

/** The jump host itself could not be reached. What the user can settle there (key, login) keeps its code. */
export function hopFailure(error: unknown, hop: ResolvedHost): unknown {
  if (!(error instanceof AppError) || error.code === 'cancelled') return error;
  const kept = /^(hostkey|auth|account|needs|resolve|proxy|throttled)/.test(error.code);
  const detail = `jump host ${hop.alias}: ${kept ? error.detail : describeFailure(error)}`;
  const { step, command, hostKeyId } = error;
  return new AppError(kept ? error.code : 'proxy-failed', {
    step,
    command,
    detail,
    hop: error.hop ?? hop.alias,
    hostKeyId,
    cause: error,
  });
}
