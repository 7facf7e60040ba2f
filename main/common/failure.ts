/** Failures: what they are called, what they lead to, and the error that carries one inside a process. */

import { isOutOfFiles } from './open-files.ts';
import { errorsEn } from './words/errors-en.ts';

export interface Problem {
  readonly code: ErrorCode;
  /** File and line, or whatever else says where. */
  readonly detail: string;
}

export type ConnectStep = 'resolve' | 'connect' | 'handshake' | 'authenticate' | 'shell';

export type FailedStep = ConnectStep | 'probe' | 'models' | 'forward' | 'launch';

/** States in which nothing was learnt from the host; all carry the reason. */
export type FailedKind =
  | 'misconfigured'
  | 'unreachable'
  | 'throttled'
  | 'hostkey-unknown'
  | 'hostkey-changed'
  | 'auth-needed'
  | 'needs-job'
  | 'no-shell';

/** Why something failed. Title and remedy for the code are in words, the same in every face. */
export interface Failure {
  readonly code: ErrorCode;
  readonly step: FailedStep;
  /** The raw text of the cause: bounded, without control characters; may be empty. */
  readonly detail: string;
  /** The command line that shows the same failure in a terminal, if there is one. */
  readonly command: string | null;
  /** When the next automatic attempt follows; null when none does. */
  readonly nextAttemptAt: number | null;
  /** The jump host at which it failed; absent where that is the host itself. */
  readonly hop?: string;
  /** The {@link UnknownHostKey} to accept before it can work. */
  readonly hostKeyId?: string;
}

/** What a person can do about a failure in this app; `copy-command`: run what shows it in a terminal. */
export type ErrorAction = 'log-in' | 'accept-key' | 'open-settings' | 'copy-command';

interface ErrorFacts {
  /** Whether trying again without a person can help. */
  readonly retryable: boolean;
  /** The host state this failure leads to; null where it does not concern a host's connection. */
  readonly state: FailedKind | null;
  /** The next step that every face offers; null where there is none, or where trying again is all. */
  readonly action: ErrorAction | null;
}

/** Every failure the app can name. Library errors become codes in one place per library; only codes cross the wire. */
export type ErrorCode = keyof typeof errorsEn;

export const errors: Readonly<Record<ErrorCode, ErrorFacts>> = {
  'resolve-failed': { retryable: false, state: 'misconfigured', action: 'copy-command' },
  'proxy-unsupported': { retryable: false, state: 'misconfigured', action: 'copy-command' },
  'dns-failed': { retryable: true, state: 'unreachable', action: null },
  'connection-refused': { retryable: true, state: 'unreachable', action: null },
  'connection-timeout': { retryable: true, state: 'unreachable', action: null },
  'host-unreachable': { retryable: true, state: 'unreachable', action: null },
  'connection-lost': { retryable: true, state: 'unreachable', action: null },
  'not-measured': { retryable: true, state: 'unreachable', action: null },
  'proxy-failed': { retryable: true, state: 'unreachable', action: 'copy-command' },
  'not-ssh': { retryable: false, state: 'unreachable', action: 'copy-command' },
  'algorithm-mismatch': { retryable: false, state: 'misconfigured', action: null },
  throttled: { retryable: true, state: 'throttled', action: null },
  'hostkey-unknown': { retryable: false, state: 'hostkey-unknown', action: 'accept-key' },
  'hostkey-changed': { retryable: false, state: 'hostkey-changed', action: 'copy-command' },
  'hostkey-revoked': { retryable: false, state: 'hostkey-changed', action: 'copy-command' },
  'known-hosts-unreadable': { retryable: true, state: 'misconfigured', action: null },
  'auth-failed': { retryable: false, state: 'auth-needed', action: 'log-in' },
  'auth-no-key': { retryable: false, state: 'auth-needed', action: 'log-in' },
  'auth-locked': { retryable: false, state: 'auth-needed', action: 'log-in' },
  'auth-interactive': { retryable: false, state: 'auth-needed', action: 'log-in' },
  'auth-waiting': { retryable: false, state: 'auth-needed', action: null },
  'auth-timeout': { retryable: false, state: 'auth-needed', action: 'log-in' },
  'auth-too-many': { retryable: false, state: 'auth-needed', action: 'copy-command' },
  'account-refused': { retryable: false, state: 'auth-needed', action: 'copy-command' },
  'needs-job': { retryable: true, state: 'needs-job', action: null },
  'no-shell': { retryable: false, state: 'no-shell', action: 'copy-command' },
  'sessions-exhausted': { retryable: true, state: 'no-shell', action: null },
  'probe-timeout': { retryable: true, state: 'unreachable', action: null },
  'probe-garbled': { retryable: true, state: 'no-shell', action: null },
  'no-gpu-tool': { retryable: true, state: null, action: null },
  'no-gpu-devices': { retryable: true, state: null, action: null },
  'history-file': { retryable: false, state: null, action: null },
  'source-unreachable': { retryable: true, state: 'unreachable', action: 'open-settings' },
  'source-refused': { retryable: true, state: 'unreachable', action: 'open-settings' },
  'source-login': { retryable: false, state: 'unreachable', action: 'open-settings' },
  'source-not-prometheus': { retryable: true, state: 'unreachable', action: 'open-settings' },
  'source-busy': { retryable: true, state: 'unreachable', action: null },
  'source-query': { retryable: true, state: 'unreachable', action: 'open-settings' },
  'source-empty': { retryable: true, state: 'unreachable', action: 'open-settings' },
  'source-too-many': { retryable: true, state: 'unreachable', action: 'open-settings' },
  'exporter-down': { retryable: true, state: 'unreachable', action: null },
  'samples-stale': { retryable: true, state: 'unreachable', action: null },
  'no-ssh': { retryable: false, state: null, action: null },
  'gpu-tool-failed': { retryable: true, state: null, action: null },
  'gpu-tool-hung': { retryable: true, state: null, action: null },
  'forwarding-prohibited': { retryable: false, state: null, action: null },
  'socket-missing': { retryable: true, state: null, action: null },
  'socket-unsupported': { retryable: false, state: null, action: null },
  'socket-denied': { retryable: false, state: null, action: null },
  'target-refused': { retryable: true, state: null, action: null },
  'server-timeout': { retryable: true, state: null, action: null },
  'server-not-openai': { retryable: true, state: null, action: null },
  'server-error': { retryable: true, state: null, action: null },
  'port-in-use': { retryable: false, state: null, action: null },
  'ports-exhausted': { retryable: false, state: null, action: 'open-settings' },
  'forward-dead': { retryable: false, state: null, action: null },
  'tmux-missing': { retryable: false, state: null, action: null },
  'tmux-failed': { retryable: false, state: null, action: null },
  'gpus-busy': { retryable: true, state: null, action: null },
  'launch-refused': { retryable: false, state: null, action: null },
  'forwards-file': { retryable: false, state: null, action: null },
  'port-forbidden': { retryable: false, state: null, action: null },
  'config-unreadable': { retryable: false, state: null, action: null },
  'known-hosts-unwritten': { retryable: false, state: null, action: null },
  'settings-broken': { retryable: false, state: null, action: 'open-settings' },
  'settings-not-saved': { retryable: false, state: null, action: 'open-settings' },
  'ticket-reused': { retryable: false, state: null, action: null },
  'token-file': { retryable: false, state: null, action: null },
  'open-files': { retryable: true, state: null, action: null },
  'connections-cut': { retryable: true, state: null, action: null },
  'autostart-failed': { retryable: false, state: null, action: 'open-settings' },
  'no-tray': { retryable: false, state: null, action: 'open-settings' },
  'no-sandbox': { retryable: false, state: null, action: null },
  'no-notifications': { retryable: false, state: null, action: null },
  'host-lost': { retryable: true, state: null, action: null },
  'not-found': { retryable: false, state: null, action: null },
  'bad-request': { retryable: false, state: null, action: null },
  unsupported: { retryable: false, state: null, action: null },
  cancelled: { retryable: true, state: null, action: null },
  internal: { retryable: true, state: null, action: null },
};

/** The host state that a failed connection attempt leads to. */
export function failedKind(code: ErrorCode): FailedKind {
  return errors[code].state ?? 'unreachable';
}

/** One sentence with the raw cause behind it: `The host refused the connection (connect ECONNREFUSED ...)`. */
export function describeFailure(failure: Pick<Failure, 'code' | 'detail'>): string {
  const { title } = errorsEn[failure.code];
  return failure.detail === '' ? title : `${title} (${failure.detail})`;
}

export interface AppErrorOptions {
  readonly step?: FailedStep;
  readonly detail?: string;
  readonly command?: string | null;
  readonly hop?: string | undefined;
  readonly hostKeyId?: string | undefined;
  readonly cause?: unknown;
}

/** An error with a code. It stays inside a process: the wire carries its code and detail. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly step: FailedStep;
  readonly detail: string;
  readonly command: string | null;
  /** The jump host at which it happened, if it was one. */
  readonly hop: string | undefined;
  /** The unknown host key that was refused, if it can be accepted. */
  readonly hostKeyId: string | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(describeFailure({ code, detail: options.detail ?? '' }), { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.step = options.step ?? 'connect';
    this.detail = options.detail ?? '';
    this.command = options.command ?? null;
    this.hop = options.hop;
    this.hostKeyId = options.hostKeyId;
  }
}

/** Turns any thrown value into a Failure; an unknown one keeps its message as detail. */
export function toFailure(error: unknown, step: FailedStep, nextAttemptAt: number | null = null): Failure {
  if (error instanceof AppError) {
    return {
      code: error.code,
      step: error.step,
      detail: error.detail,
      command: error.command,
      nextAttemptAt,
      ...(error.hop !== undefined && { hop: error.hop }),
      ...(error.hostKeyId !== undefined && { hostKeyId: error.hostKeyId }),
    };
  }
  const code = isOutOfFiles(error) ? 'open-files' : 'internal';
  return { code, step, detail: messageOf(error).slice(0, 500), command: null, nextAttemptAt };
}

/** The error with its code, `open-files` for one of the system that says so; null for any other, which is a bug. */
export function knownError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  return isOutOfFiles(error) ? new AppError('open-files', { detail: messageOf(error), cause: error }) : null;
}

/** What any thrown value says, as its thrower worded it: of an error only its message, without its name. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
