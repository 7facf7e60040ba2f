/** Why a host opens no channel to a target beyond its own ports: for a socket it says no more than that it does not. */

import { AppError } from '#common/failure.ts';
import { type ForwardTarget, targetText } from '#common/forward-target.ts';
import { runScript } from '../probe/run-script.ts';
import type { Transport } from '../ssh/transport.ts';

export interface Refusals {
  /** The error with what is known of its reason. Never rejects. */
  explain(error: unknown, transport: Transport): Promise<unknown>;
}

/** For the look at the socket. */
const lookMs = 5000;
/** Clients that connect again and again are given the reason of the latest look. */
const freshMs = 3000;

export function createRefusals(target: ForwardTarget): Refusals {
  const { remoteHost, remoteSocket } = target;
  let looked: { readonly atMs: number; readonly found: Promise<SocketState | null> } | null = null;

  const lookAt = (path: string, transport: Transport): Promise<SocketState | null> => {
    if (looked !== null && performance.now() - looked.atMs < freshMs) return looked.found;
    const options = { timeoutMs: lookMs, signal: AbortSignal.timeout(lookMs) };
    const found = runScript(transport, socketScript(path), options).then(readSocketState, () => null);
    looked = { atMs: performance.now(), found };
    return found;
  };

  return {
    async explain(error, transport) {
      if (!(error instanceof AppError)) return error;
      if (error.code === 'forwarding-prohibited' && remoteHost !== null) {
        const detail = `the host lets no forward through to ${targetText(target)}`;
        return new AppError('forwarding-prohibited', { step: 'forward', detail, cause: error });
      }
      if (error.code !== 'target-refused' || remoteSocket === null) return error;
      const state = await lookAt(remoteSocket, transport);
      return state === null ? error : socketFailure(state, error);
    },
  };
}

export type SocketState = 'missing' | 'no-search' | 'no-socket' | 'no-write' | 'listens' | 'silent';

/**
 * Prints one word for what the path is to this user. /proc/net/unix lists the sockets of the network namespace, with
 * `00010000` as flags of those that listen.
 */
export function socketScript(path: string): string {
  return `p=${quoted(path)}
d=\${p%/*}
s=missing
if [ -S "$p" ]; then
  s=no-write
  if [ -w "$p" ]; then
    s=silent
    grep -F -- "$p" /proc/net/unix | {
      while read -r a b c f g h i q; do
        [ "$f" != 00010000 ] || [ "$q" != "$p" ] || exit 0
      done
      exit 1
    } && s=listens
  fi
elif [ -e "$p" ]; then s=no-socket
else
  while [ -n "$d" ] && [ ! -e "$d" ]; do d=\${d%/*}; done
  [ -x "\${d:-/}" ] || s=no-search
fi
echo "$s"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const states: readonly SocketState[] = ['missing', 'no-search', 'no-socket', 'no-write', 'listens', 'silent'];

/** Null for anything else that a host says. */
export function readSocketState(text: string): SocketState | null {
  return states.find((state) => state === text.trim()) ?? null;
}

function socketFailure(state: SocketState, cause: AppError): AppError {
  const failure = (code: AppError['code'], detail: string): AppError =>
    new AppError(code, { step: 'forward', detail, cause });
  switch (state) {
    case 'missing':
      return failure('socket-missing', '');
    case 'no-socket':
      return failure('socket-missing', 'the path is no socket');
    case 'no-search':
      return failure('socket-denied', 'its folder may not be entered');
    case 'no-write':
      return failure('socket-denied', '');
    // It would have been connected to.
    case 'listens':
      return failure(
        'forwarding-prohibited',
        'the host lets no forward through to sockets (AllowStreamLocalForwarding)',
      );
    case 'silent':
      return failure('target-refused', 'no program listens on the socket');
  }
}
