import type { Duplex } from 'node:stream';
import { AppError, type ConnectStep } from '#common/failure.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Asking } from './asking.ts';
import { createClientTransport } from './client/client-transport.ts';
import { shakeHands } from './client/handshake.ts';
import type { ResolvedHost } from './config/resolved.ts';
import { gatherLoginKeys } from './keys/auth.ts';
import type { Keyring } from './keys/keyring.ts';
import type { Transport } from './transport.ts';
import { prepareHostKeyCheck } from './trust/host-key.ts';
import type { Trust } from './trust/trust.ts';

export interface SessionDeps {
  /** Opens the way to the host's sshd: TCP, a stream through a jump host, or a proxy command. */
  readonly openSocket: (signal: AbortSignal) => Promise<Duplex>;
  /** Runs the task in a free slot for handshakes; the slot is held from connecting to authenticated. */
  readonly inSlot: <T>(task: () => Promise<T>) => Promise<T>;
  /** For the handshake, unless the configuration sets ConnectTimeout. */
  readonly connectMs: number;
  readonly home: string;
  readonly trust: Trust;
  readonly keyring: Keyring;
  readonly asking: Asking;
  /** Whether it is but a way to another host, for the person who is asked. */
  readonly isJumpHost: boolean;
  readonly log: Log;
}

export interface SessionOptions {
  readonly signal: AbortSignal;
  readonly onStep: (step: ConnectStep) => void;
}

/** An agent may ask its user, and a directory service may be slow; ssh itself waits for ever here. */
const minLoginMs = 30_000;

/**
 * Connects, checks the host key, logs in; asks only as `deps.asking` allows. Errors: the codes of failure.ts, those of the
 * host key check, `cancelled`.
 */
export async function connectSession(
  host: ResolvedHost,
  deps: SessionDeps,
  { signal, onStep }: SessionOptions,
): Promise<Transport> {
  const { openSocket, inSlot, home, trust, keyring, asking, isJumpHost, log } = deps;
  const [hostKey, keys] = await Promise.all([
    prepareHostKeyCheck(host, trust, log),
    gatherLoginKeys(host, home, keyring),
  ]);
  const handshakeMs = host.connectTimeoutMs ?? deps.connectMs;
  const timeouts = { handshakeMs, loginMs: Math.max(minLoginMs, handshakeMs) };
  const transport = await inSlot(async () => {
    if (signal.aborted) throw new AppError('cancelled', { step: 'connect' });
    onStep('connect');
    const socket = await openSocket(signal);
    const login = { keys, keyring, asking, isJumpHost };
    const ready = await shakeHands({ host, socket, hostKey, ...login, timeouts, signal, onStep });
    return createClientTransport(ready.client, socket, ready.answered);
  });
  await hostKey.record();
  return transport;
}
