/**
 * Every failure the app can name: a code, and for each code the words that tray, window, notification and terminal show.
 * Library errors become codes in one place per library (engine/ssh/failure.ts for ssh2); only codes cross the wire.
 */

import type { FailedKind, FailedStep, Failure } from './model.ts';

interface ErrorText {
  /** One sentence without a full stop: what happened. */
  readonly title: string;
  /** One sentence: what the reader can do. */
  readonly hint: string;
  /** Whether trying again by itself can help. */
  readonly retryable: boolean;
  /** The host state this failure leads to; null where it does not concern a host's connection. */
  readonly state: FailedKind | null;
}

const text = (
  title: string,
  hint: string,
  retryable: boolean,
  state: FailedKind | null = null,
): ErrorText => ({
  title,
  hint,
  retryable,
  state,
});

const hostErrors = {
  'resolve-failed': text(
    'The SSH configuration for this host could not be read',
    'Run the command shown and mend what ssh complains about.',
    false,
    'misconfigured',
  ),
  'proxy-unsupported': text(
    'This way through a proxy is not supported yet',
    'Use ProxyJump, or a ProxyCommand without %-tokens of its own.',
    false,
    'misconfigured',
  ),
  'dns-failed': text(
    'The host name could not be resolved',
    'Check HostName in the SSH configuration, and the VPN or DNS of this computer.',
    true,
    'unreachable',
  ),
  'connection-refused': text(
    'The host refused the connection',
    'Check that sshd runs there and that the port is right.',
    true,
    'unreachable',
  ),
  'connection-timeout': text(
    'The host did not answer in time',
    'Check that it is switched on and that this network or VPN reaches it.',
    true,
    'unreachable',
  ),
  'host-unreachable': text(
    'There is no network route to the host',
    'Check the VPN or network of this computer.',
    true,
    'unreachable',
  ),
  'connection-lost': text(
    'The connection was lost',
    'Nothing to do: it is opened again by itself.',
    true,
    'unreachable',
  ),
  'proxy-failed': text(
    'The jump host or proxy command failed',
    'Run the command shown to see what it says.',
    true,
    'unreachable',
  ),
  'not-ssh': text(
    'What answers on this port is not an SSH server',
    'Check Port in the SSH configuration.',
    false,
    'unreachable',
  ),
  'algorithm-mismatch': text(
    'No common key exchange, cipher or host key algorithm',
    'The server is too old or too strict for the built-in client; update it or allow a common algorithm.',
    false,
    'misconfigured',
  ),
  throttled: text(
    'The SSH server turns connections away for now',
    'It has too many logins in flight or penalises this address; it is tried again after a while.',
    true,
    'throttled',
  ),
  'hostkey-unknown': text(
    'The host key is not known',
    'Compare the fingerprint with what its administrator says, then accept the key.',
    false,
    'hostkey-unknown',
  ),
  'hostkey-changed': text(
    'The host key has CHANGED: this may be another machine',
    'Ask its administrator; if the change is right, remove the old key with the command shown.',
    false,
    'hostkey-changed',
  ),
  'hostkey-revoked': text(
    'The host key is marked as revoked in known_hosts',
    'Do not connect; ask the administrator of the host.',
    false,
    'hostkey-changed',
  ),
  'auth-failed': text(
    'The host accepted none of the keys',
    'Check User and IdentityFile, add the key to the agent, or copy it there with ssh-copy-id; if it takes a password, log in.',
    false,
    'auth-needed',
  ),
  'auth-no-key': text(
    'There is no key to log in with',
    'Start an agent and add a key with ssh-add, or set IdentityFile.',
    false,
    'auth-needed',
  ),
  'auth-locked': text(
    'The key for this host has a passphrase',
    'Log in to unlock it until the app ends, or add it to the agent with ssh-add.',
    false,
    'auth-needed',
  ),
  'auth-interactive': text(
    'The host asks for a password or a code',
    'Log in and answer it; nothing is ever asked by itself.',
    false,
    'auth-needed',
  ),
  'auth-waiting': text(
    'A login on the way to this host waits for your answer',
    'Answer the question; the host is tried again afterwards.',
    false,
    'auth-needed',
  ),
  'auth-timeout': text(
    'The login waited too long for you',
    'Log in again: answer its question, or confirm the key where the agent or security key asks for it.',
    false,
    'auth-needed',
  ),
  'auth-too-many': text(
    'The host gave up after too many keys',
    'Set IdentityFile and IdentitiesOnly yes for it, so that the right key comes first.',
    false,
    'auth-needed',
  ),
  'account-refused': text(
    'The host refuses this account',
    'Read its message; a cluster node may let you in only while a job of yours runs there.',
    false,
    'auth-needed',
  ),
  'needs-job': text(
    'The node lets you in only while a job of yours runs there',
    'Start a job on it, for example with salloc, then try again.',
    true,
    'needs-job',
  ),
  'no-shell': text(
    'The account gives no usable shell',
    'The app needs to run /bin/sh there; check the login shell and ForceCommand.',
    false,
    'no-shell',
  ),
  'sessions-exhausted': text(
    'The host opens no further session on this connection',
    'Raise MaxSessions in its sshd_config, at least to 2.',
    true,
    'no-shell',
  ),
  'probe-timeout': text(
    'The host did not answer the probe in time',
    'It may be overloaded; it is tried again by itself.',
    true,
    'unreachable',
  ),
  'probe-garbled': text(
    'The host answered with text that could not be read',
    'Check what its login shell and nvidia-smi print.',
    true,
    'no-shell',
  ),
} as const satisfies Record<string, ErrorText>;

const probeErrors = {
  'no-gpu-tool': text(
    'There is no GPU tool on this host',
    'Nothing to do if it has no GPU; nvidia-smi, amd-smi and rocm-smi were looked for.',
    true,
  ),
  'no-gpu-devices': text('The host sees no GPU', 'Check that the GPUs are visible to this machine.', true),
  'history-file': text(
    'The history cannot be kept in its file',
    'Look at the path below: its folder must be writable and the disk not full. All else goes on.',
    false,
  ),
  'gpu-tool-failed': text(
    'The GPU tool of this host fails',
    'Read its message below; often the driver needs a restart.',
    true,
  ),
  'gpu-tool-hung': text(
    'The GPU tool of this host does not return',
    'The driver hangs; check dmesg on the host. No second one is started meanwhile.',
    true,
  ),
} as const satisfies Record<string, ErrorText>;

const serviceErrors = {
  'forwarding-prohibited': text(
    'The host does not allow forwarding',
    'Ask for AllowTcpForwarding yes (or a PermitOpen for this port) in its sshd_config.',
    false,
  ),
  'target-refused': text(
    'Nothing listens on the remote port',
    'Start the server there, then try again.',
    true,
  ),
  'server-timeout': text(
    'The server did not answer in time',
    'It may still load its model; try again later.',
    true,
  ),
  'server-not-openai': text(
    'The port does not answer with a model list',
    'It is another kind of server, or a proxy stands before it.',
    true,
  ),
  'server-error': text('The server answered with an error', 'Read its log on the host.', true),
  'port-in-use': text(
    'The local port is taken by another program',
    'Choose another one, or leave it out to get the next free one.',
    false,
  ),
  'ports-exhausted': text(
    'No local port of the range is free',
    'Stop some forwards or widen the range in the settings.',
    false,
  ),
  'forward-dead': text(
    'Nothing listens on its local port',
    'Its ssh has ended or never got the port; end what is left of it and open it again.',
    false,
  ),
  'tmux-missing': text(
    'There is no tmux on this computer',
    'Install tmux, or open the forward in the app itself.',
    false,
  ),
  'tmux-failed': text('tmux did not do it', 'Read what it says below.', false),
  'forwards-file': text(
    'The local ports of forwards cannot be remembered',
    'Look at the folder below: it must be writable and the disk not full. All else goes on.',
    false,
  ),
  'port-forbidden': text('This local port needs more rights', 'Choose a port above 1023.', false),
} as const satisfies Record<string, ErrorText>;

const appErrors = {
  'config-unreadable': text(
    'A part of the SSH configuration could not be read',
    'Mend the file or line named below; everything else was read.',
    false,
  ),
  'settings-broken': text(
    'The settings file had values that were not usable',
    'They were replaced by the defaults; the rest was kept.',
    false,
  ),
  'settings-not-saved': text(
    'The settings could not be stored',
    'They hold until the app ends. Make the folder below writable and free some disk space.',
    false,
  ),
  'autostart-failed': text(
    'Start at login could not be changed',
    'Read the cause below; the system also has a list of its own of what starts at login.',
    false,
  ),
  'no-tray': text(
    'This desktop shows no tray icons',
    'Closing the window quits. On GNOME install the AppIndicator extension, or switch closing to the tray off.',
    false,
  ),
  'not-found': text('It is not there any more', 'Rescan to see what is there now.', false),
  'bad-request': text(
    'The request was not understood',
    'Reload the window; if it happens again, report it.',
    false,
  ),
  unsupported: text(
    'This face of the app cannot do that',
    'Use the desktop app or the command line for it.',
    false,
  ),
  cancelled: text('Cancelled', 'Start it again when you like.', true),
  internal: text('Something went wrong inside the app', 'Restart it; if it happens again, report it.', true),
} as const satisfies Record<string, ErrorText>;

const errorTexts = { ...hostErrors, ...probeErrors, ...serviceErrors, ...appErrors };

export type ErrorCode = keyof typeof errorTexts;

export const errors: Readonly<Record<ErrorCode, ErrorText>> = errorTexts;

/** The host state that a failed connection attempt leads to. */
export function failedKind(code: ErrorCode): FailedKind {
  return errors[code].state ?? 'unreachable';
}

/** One sentence with the raw cause behind it: `The host refused the connection (connect ECONNREFUSED ...)`. */
export function describeFailure(failure: Pick<Failure, 'code' | 'detail'>): string {
  const { title } = errors[failure.code];
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
  return { code: 'internal', step, detail: messageOf(error).slice(0, 500), command: null, nextAttemptAt };
}

/** What any thrown value says, as its thrower worded it: of an error only its message, without its name. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
