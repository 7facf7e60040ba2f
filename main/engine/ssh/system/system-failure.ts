/** What OpenSSH's client writes to stderr as an AppError with a code. Its words are those of ssh.c, sshconnect*.c and channels.c. */

import { AppError, type ConnectStep, type ErrorCode, type FailedStep } from '#common/failure.ts';
import { plainText, shellWord } from '#common/text.ts';
import type { ResolvedHost } from '../config/resolved.ts';

/** The first that matches counts: a warning about a changed key comes before the refusal that follows from it. */
const connectCodes: readonly (readonly [RegExp, ErrorCode, ConnectStep])[] = [
  [/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/i, 'hostkey-changed', 'handshake'],
  [/marked as revoked|REVOKED HOST KEY/i, 'hostkey-revoked', 'handshake'],
  [/Host key verification failed|host key is known for/i, 'hostkey-unknown', 'handshake'],
  [/no active jobs|pam_slurm/i, 'needs-job', 'authenticate'],
  [/Too many authentication failures/i, 'auth-too-many', 'authenticate'],
  [/Permission denied \([^)]*(keyboard-interactive|password)/i, 'auth-interactive', 'authenticate'],
  [/Permission denied/i, 'auth-failed', 'authenticate'],
  [
    /Bad configuration option|Bad owner or permissions|keyword .* extra arguments|terminating, \d+ bad/i,
    'resolve-failed',
    'resolve',
  ],
  [/Could not resolve hostname/i, 'dns-failed', 'connect'],
  [/Unable to negotiate|no matching/i, 'algorithm-mismatch', 'handshake'],
  [/Connection refused/i, 'connection-refused', 'connect'],
  [/timed out/i, 'connection-timeout', 'connect'],
  [/No route to host|Network is unreachable|Host is down/i, 'host-unreachable', 'connect'],
  [
    /Exceeded MaxStartups|Not allowed at this time|kex_exchange_identification|banner exchange/i,
    'throttled',
    'connect',
  ],
  [/currently not available/i, 'no-shell', 'shell'],
  [/Connection (closed|reset) by/i, 'account-refused', 'authenticate'],
];

/** Why the user's ssh did not connect; `said` is what it wrote without debug lines. */
export function systemConnectFailure(said: string, host: ResolvedHost): AppError {
  const [, code, step] = connectCodes.find(([pattern]) => pattern.test(said)) ?? [
    null,
    'connection-lost',
    'connect',
  ];
  const command = code === 'hostkey-changed' ? removal(said, host) : host.command;
  return new AppError(code as ErrorCode, {
    step: step as ConnectStep,
    detail: detailOf(said, code),
    command,
  });
}

/** A fingerprint and a place out of the large warning; otherwise the last line, which is the one that tells. */
function detailOf(said: string, code: string): string {
  const prints = said.match(/SHA256:[A-Za-z0-9+/]+/g) ?? [];
  const place = /Offending \S+ key in (\S+)/.exec(said)?.[1];
  if (code === 'hostkey-changed' && prints.length > 0)
    return plainText(
      `${prints.join(', ')}${place === undefined ? '' : ` instead of the key at ${place}`}`,
      400,
    );
  return plainText(said.trim().split('\n').slice(-2).join('; '), 400);
}

function removal(said: string, host: ResolvedHost): string {
  const file = /Offending \S+ key in (\S+):\d+/.exec(said)?.[1];
  const name = host.hostKeys.alias ?? (host.port === 22 ? host.hostname : `[${host.hostname}]:${host.port}`);
  return ['ssh-keygen', '-R', name, ...(file === undefined ? [] : ['-f', file])].map(shellWord).join(' ');
}

const refusalCodes: readonly (readonly [RegExp, ErrorCode])[] = [
  [/administratively prohibited/i, 'forwarding-prohibited'],
  [/connect failed|stdio forwarding/i, 'target-refused'],
  [/open failed|refused by peer/i, 'sessions-exhausted'],
  [/currently not available/i, 'no-shell'],
];

/** Why a command or a stream was not opened on a connection that stands. The latest line counts. */
export function readRefusal(said: string, step: FailedStep): AppError {
  const lines = said
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .reverse();
  const reason = lines.find((line) => /open failed/i.test(line)) ?? lines[0] ?? '';
  const fallback = step === 'forward' ? 'target-refused' : 'no-shell';
  const code = refusalCodes.find(([pattern]) => pattern.test(reason))?.[1] ?? fallback;
  return new AppError(code, { step, detail: plainText(reason.replace(/^channel \d+: open failed: /, '')) });
}

/** What is left of ssh's stderr without the lines that it writes for its developers. */
export function withoutDebug(stderr: string): string {
  return stderr
    .split(/\r?\n/)
    .filter(
      (line) =>
        line !== '' &&
        !/^(debug\d: |OpenSSH_|OpenSSL |Warning: Permanently added|.*: Unsupported option)/.test(line),
    )
    .join('\n');
}
