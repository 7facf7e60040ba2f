import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '#common/errors.ts';
import type { ConnectStep } from '#common/model.ts';
import type { Log } from '../log.ts';
import { dialCommand, dialTcp } from './dial.ts';
import { behindHopFailure, hopFailure, isStartupDrop } from './failure.ts';
import type { Resolver } from './resolve.ts';
import { connectionKey, type ResolvedHost, serverKey } from './resolved.ts';
import { resolveRoute } from './route.ts';
import { connectSession, type SessionDeps, type SessionOptions } from './session.ts';
import { type Shared, share } from './share.ts';
import { createSlots, type HandshakeLimits } from './slots.ts';
import type { Transport } from './transport.ts';

export interface PoolDeps {
  readonly resolver: Resolver;
  readonly limits: HandshakeLimits;
  /** For connecting and again for the handshake, unless the configuration sets ConnectTimeout. */
  readonly connectMs: number;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly log: Log;
}

export interface GetOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: ConnectStep) => void) | undefined;
}

export interface Connection {
  readonly transport: Transport;
  readonly resolved: ResolvedHost;
}

/** One connection per target, shared by whoever asks: two aliases with the same values, scan and forwards, jump hosts. */
export interface Pool {
  /**
   * The connection to a host, opened if there is none. A caller that aborts leaves the others alone. Errors: those of
   * the resolver, of connectSession, `proxy-failed`, `proxy-unsupported`, `cancelled`.
   */
  get(alias: string, options?: GetOptions): Promise<Connection>;
  /** The connection to a host that is open now, if there is one. */
  peek(alias: string): Connection | null;
  /** Ends all connections and attempts; resolves when nothing is left open. The next `get` connects anew. */
  closeAll(): Promise<void>;
  /** The same for good: every later `get` is `cancelled`. Safe to call twice. */
  dispose(): Promise<void>;
}

interface Entry {
  readonly attempt: Shared<Transport>;
  readonly steps: Set<(step: ConnectStep) => void>;
  step: ConnectStep;
  transport: Transport | null;
}

/** The connection to the last jump host before a target. */
interface Jump {
  readonly hop: ResolvedHost;
  readonly transport: Transport;
}

/** With the pauses below, sshd's default of 10 logins in flight has room again long before the last attempt. */
const maxAttempts = 5;
const firstPauseMs = 250;

export function createPool(deps: PoolDeps): Pool {
  const { resolver, log } = deps;
  const slots = createSlots(deps.limits);
  const entries = new Map<string, Entry>();
  const latest = new Map<string, ResolvedHost>();
  let disposed = false;

  const connect = async (route: readonly ResolvedHost[], options: GetOptions): Promise<Transport> => {
    const { onStep, signal } = options;
    if (signal?.aborted) throw new AppError('cancelled', { step: 'connect' });
    const host = lastOf(route);
    const key = connectionKey(host);
    const entry = entries.get(key) ?? start(key, host, route.slice(0, -1));
    if (onStep !== undefined && entry.transport === null) {
      onStep(entry.step);
      entry.steps.add(onStep);
    }
    try {
      return await entry.attempt.join(signal);
    } finally {
      if (onStep !== undefined) entry.steps.delete(onStep);
    }
  };

  const start = (key: string, host: ResolvedHost, via: readonly ResolvedHost[]): Entry => {
    const remove = (): void => {
      if (entries.get(key) === entry) entries.delete(key);
    };
    const onStep = (step: ConnectStep): void => {
      entry.step = step;
      for (const tell of entry.steps) tell(step);
    };
    const attempt = share(async (signal) => {
      try {
        // Before a slot is taken: the jump host needs one itself.
        const jump = via.length === 0 ? null : await connectJump(via, signal);
        const transport = await connectPatiently(host, jump, { signal, onStep });
        if (signal.aborted) await closed(transport);
        signal.throwIfAborted();
        entry.transport = transport;
        transport.onClose(remove);
        return transport;
      } catch (error) {
        remove();
        throw error;
      }
    }, remove);
    const entry: Entry = { attempt, steps: new Set(), step: 'connect', transport: null };
    entries.set(key, entry);
    return entry;
  };

  const connectJump = async (via: readonly ResolvedHost[], signal: AbortSignal): Promise<Jump> => {
    const hop = lastOf(via);
    try {
      return { hop, transport: await connect(via, { signal }) };
    } catch (error) {
      throw hopFailure(error, hop);
    }
  };

  /** Tries again when sshd has dropped the connection for the other logins in flight (MaxStartups). */
  const connectPatiently = async (
    host: ResolvedHost,
    jump: Jump | null,
    options: SessionOptions,
  ): Promise<Transport> => {
    const server = serverKey(host);
    const session: SessionDeps = {
      ...deps,
      openSocket: (signal) => dial(host, jump, deps, signal),
      inSlot: (task) => slots.run(server, task),
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await connectSession(host, session, options);
      } catch (error) {
        if (!isStartupDrop(error) || attempt === maxAttempts) throw error;
        slots.narrow(server);
        const pauseMs = firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random());
        log('debug', `${host.alias}: dropped at connecting, again in ${Math.round(pauseMs)} ms`);
        await delay(pauseMs, undefined, { signal: options.signal });
      }
    }
  };

  const closeAll = async (): Promise<void> => {
    await Promise.all(
      [...entries.values()].map(async ({ attempt }) => {
        attempt.abort();
        await attempt.ended;
        const transport = await attempt.join().catch(() => null);
        if (transport !== null) await closed(transport);
      }),
    );
  };

  return {
    async get(alias, options = {}) {
      const signal = options.signal ?? new AbortController().signal;
      if (disposed) throw new AppError('cancelled');
      options.onStep?.('resolve');
      const resolved = await resolver.resolve(alias, signal);
      const route = await resolveRoute(resolved, resolver, signal);
      if (disposed) throw new AppError('cancelled');
      latest.set(alias, resolved);
      return { transport: await connect(route, options), resolved };
    },
    peek(alias) {
      const resolved = latest.get(alias);
      const transport = resolved && entries.get(connectionKey(resolved))?.transport;
      return resolved && transport ? { transport, resolved } : null;
    },
    closeAll,
    async dispose() {
      disposed = true;
      await closeAll();
    },
  };
}

function lastOf(route: readonly ResolvedHost[]): ResolvedHost {
  const last = route.at(-1);
  if (last === undefined) throw new Error('a route without a host');
  return last;
}

async function dial(
  host: ResolvedHost,
  jump: Jump | null,
  { connectMs, env }: PoolDeps,
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

function closed(transport: Transport): Promise<void> {
  return new Promise((resolve) => {
    transport.onClose(() => resolve());
    transport.close();
  });
}
