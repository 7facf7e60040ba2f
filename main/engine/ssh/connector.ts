import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { AppError, type ConnectStep } from '#common/failure.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Asking } from './asking.ts';
import { dialCommand, dialTcp } from './client/dial.ts';
import { type ResolvedHost, serverKey } from './config/resolved.ts';
import { createDropJudge } from './drops.ts';
import { behindHopFailure, dropKind } from './failure.ts';
import { redial } from './io/redial.ts';
import { unattended } from './io/unattended.ts';
import { createKeyring } from './keys/keyring.ts';
import { connectSession, type SessionDeps } from './session.ts';
import { createSlots, type HandshakeLimits } from './slots.ts';
import { createSystemChoice, type SystemReason, type TransportSetting } from './system/system-choice.ts';
import { connectSystemSsh } from './system/system-ssh.ts';
import type { Transport } from './transport.ts';
import { checkReadable } from './trust/known-hosts-file.ts';
import type { Trust } from './trust/trust.ts';

export interface ConnectorDeps {
  /** Read with every connection, as is the time: both are settings. */
  readonly limits: () => HandshakeLimits;
  /** For connecting and again for the handshake, unless the configuration sets ConnectTimeout. */
  readonly connectMs: () => number;
  readonly trust: Trust;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  /** Per host; default `auto` for all. */
  readonly transportSetting?: (alias: string) => TransportSetting;
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
  /** The jump hosts on the way, the outermost first. */
  readonly via: readonly ResolvedHost[];
  readonly isJumpHost: boolean;
  readonly asking: Asking;
  readonly signal: AbortSignal;
  readonly onStep: (step: ConnectStep) => void;
}

/** With the pauses below, sshd's default of 10 logins in flight has room again long before the last attempt. */
const maxAttempts = 5;
const firstPauseMs = 250;

/** A host that comes back while it is being dialled is heard of within this. */
const redialMs = 3000;
/** A knock is answered in a few round trips, or not in time. */
const knockMs = 3000;
const maxKnocks = 16;

export interface Connector {
  /** Null: the built-in client does it. */
  systemReason(host: ResolvedHost): Promise<SystemReason | null>;
  /** By the user's own ssh, which handles jump hosts and proxies. */
  openSystem(request: SystemRequest): Promise<Transport>;
  open(request: OpenRequest): Promise<Transport>;
  /**
   * Whether the server greets a new connection on the way that `open` would take, which ends at once. False also where
   * there is no telling: a proxy command may ask a person.
   */
  knock(request: Pick<OpenRequest, 'host' | 'jump' | 'signal'>): Promise<boolean>;
}

export type SystemRequest = Pick<OpenRequest, 'host' | 'via' | 'signal' | 'onStep'> & {
  readonly reason: SystemReason;
};

/**
 * Opens connections, one for each call, within the limits for handshakes. Errors: those of connectSession and dialTcp,
 * `proxy-failed`, `proxy-unsupported`, `cancelled`.
 */
export function createConnector(given: ConnectorDeps): Connector {
  const deps = { ...given, env: unattended(given.env) };
  const slots = createSlots(deps.limits);
  // Not in the slots of logins, which would wait for hosts that are away.
  const knocks = pLimit(maxKnocks);
  const drops = createDropJudge();
  const keyring = createKeyring();
  const choice = createSystemChoice({ env: deps.env, setting: deps.transportSetting ?? (() => 'auto') });

  const openSystem = ({ host, via, reason, signal, onStep }: SystemRequest): Promise<Transport> =>
    slots.run(serverKey(host), async () => {
      deps.log('debug', `${host.alias}: by the system's ssh (${reason.why})`);
      const rules = [...via, host].map(({ hostKeys }) => hostKeys);
      await checkReadable(rules.flatMap(({ userFiles, globalFiles }) => [...userFiles, ...globalFiles]));
      const { ridesOwnMaster } = reason;
      return connectSystemSsh(host, {
        env: deps.env,
        connectMs: deps.connectMs(),
        ridesOwnMaster,
        via,
        signal,
        onStep,
      });
    });

  /** Tries again when sshd has dropped the connection for the other logins in flight (MaxStartups). */
  const openPatiently = async (request: OpenRequest): Promise<Transport> => {
    const { host, jump, isJumpHost, asking, signal } = request;
    const server = serverKey(host);
    const onStep = (step: ConnectStep): void => {
      if (step === 'authenticate') drops.accepted(server);
      request.onStep(step);
    };
    const session: SessionDeps = {
      ...deps,
      connectMs: deps.connectMs(),
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
        const kind = dropKind(error);
        if (kind === null || attempt === maxAttempts) throw error;
        const droppedAt = performance.now();
        slots.narrow(server);
        const pauseMs = firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random());
        deps.log('debug', `${host.alias}: dropped at connecting, pausing ${Math.round(pauseMs)} ms`);
        await delay(pauseMs, undefined, { signal });
        if (kind === 'unclear' && !drops.mayPass(server, droppedAt)) throw error;
      }
    }
  };

  return {
    systemReason: (host) => choice.reason(host),
    openSystem,
    async open(request) {
      try {
        return await openPatiently(request);
      } catch (error) {
        const mismatch = error instanceof AppError && error.code === 'algorithm-mismatch';
        if (!mismatch || !(await choice.mayFallBack(request.host))) throw error;
        const reason = { why: error.detail, ridesOwnMaster: false };
        return openSystem({ ...request, reason });
      }
    },
    knock({ host, jump, signal }) {
      if (jump === null && host.proxy.kind !== 'none') return Promise.resolve(false);
      return knocks(() => isGreeted((aborted) => dial(host, jump, deps, aborted), signal));
    },
  };
}

async function isGreeted(
  open: (signal: AbortSignal) => Promise<Duplex>,
  signal: AbortSignal,
): Promise<boolean> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(knockMs)]);
  try {
    const socket = await open(inTime);
    const [first] = await once(socket, 'data', { signal: inTime }).finally(() => socket.destroy());
    return String(first).startsWith('SSH-');
  } catch {
    return false;
  }
}

async function dial(
  host: ResolvedHost,
  jump: Jump | null,
  { connectMs, env }: ConnectorDeps,
  signal: AbortSignal,
): Promise<Duplex> {
  const { proxy } = host;
  const timeoutMs = host.connectTimeoutMs ?? connectMs();
  const discard = (socket: Duplex): void => void socket.destroy();
  if (jump !== null) {
    const open = (aborted: AbortSignal): Promise<Duplex> =>
      jump.transport.stream(host.hostname, host.port, { signal: aborted, timeoutMs });
    return redial(open, { everyMs: redialMs, signal, discard }).catch((error: unknown) => {
      throw behindHopFailure(error, jump.hop, host);
    });
  }
  if (proxy.kind === 'command') return dialCommand(host, proxy.command, env);
  if (proxy.kind === 'unsupported')
    throw new AppError('proxy-unsupported', { step: 'resolve', detail: proxy.reason, command: host.command });
  const open = (aborted: AbortSignal): Promise<Duplex> => dialTcp(host, timeoutMs, aborted);
  return redial(open, { everyMs: redialMs, signal, discard });
}
