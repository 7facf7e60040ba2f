import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '#common/errors.ts';
import type { ConnectStep } from '#common/model.ts';
import type { Log } from '../log.ts';
import type { Asking } from './asking.ts';
import { dialCommand, dialTcp } from './dial.ts';
import { behindHopFailure, isStartupDrop } from './failure.ts';
import { createKeyring } from './keyring.ts';
import { type ResolvedHost, serverKey } from './resolved.ts';
import { connectSession, type SessionDeps } from './session.ts';
import { createSlots, type HandshakeLimits } from './slots.ts';
import type { Transport } from './transport.ts';
import type { Trust } from './trust.ts';

export interface ConnectorDeps {
  readonly limits: HandshakeLimits;
  /** For connecting and again for the handshake, unless the configuration sets ConnectTimeout. */
  readonly connectMs: number;
  readonly trust: Trust;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly log: Log;
}

/** The connection to the last jump host before a target. */
export interface Jump {
  readonly hop: ResolvedHost;
  readonly transport: Transport;
}

export interface OpenRequest {
  readonly host: ResolvedHost;
  readonly jump: Jump | null;
  readonly isJumpHost: boolean;
  readonly asking: Asking;
  readonly signal: AbortSignal;
  readonly onStep: (step: ConnectStep) => void;
}

/** With the pauses below, sshd's default of 10 logins in flight has room again long before the last attempt. */
const maxAttempts = 5;
const firstPauseMs = 250;

/**
 * Opens connections, one for each call, within the limits for handshakes. Errors: those of connectSession and dialTcp,
 * `proxy-failed`, `proxy-unsupported`, `cancelled`.
 */
export function createConnector(deps: ConnectorDeps): (request: OpenRequest) => Promise<Transport> {
  const slots = createSlots(deps.limits);
  const keyring = createKeyring();

  /** Tries again when sshd has dropped the connection for the other logins in flight (MaxStartups). */
  return async ({ host, jump, isJumpHost, asking, signal, onStep }) => {
    const server = serverKey(host);
    const session: SessionDeps = {
      ...deps,
      keyring,
      asking,
      isJumpHost,
      openSocket: (aborted) => dial(host, jump, deps, aborted),
      inSlot: (task) => slots.run(server, task),
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await connectSession(host, session, { signal, onStep });
      } catch (error) {
        if (!isStartupDrop(error) || attempt === maxAttempts) throw error;
        slots.narrow(server);
        const pauseMs = firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random());
        deps.log('debug', `${host.alias}: dropped at connecting, again in ${Math.round(pauseMs)} ms`);
        await delay(pauseMs, undefined, { signal });
      }
    }
  };
}

async function dial(
  host: ResolvedHost,
  jump: Jump | null,
  { connectMs, env }: ConnectorDeps,
  signal: AbortSignal,
): Promise<Duplex> {
  const { proxy } = host;
  const timeoutMs = host.connectTimeoutMs ?? connectMs;
  if (jump !== null) {
    return jump.transport.stream(host.hostname, host.port, { signal, timeoutMs }).catch((error: unknown) => {
      throw behindHopFailure(error, jump.hop, host);
    });
  }
  if (proxy.kind === 'command') return dialCommand(host, proxy.command, env);
  if (proxy.kind === 'unsupported')
    throw new AppError('proxy-unsupported', { step: 'resolve', detail: proxy.reason, command: host.command });
  return dialTcp(host, timeoutMs, signal);
}
