import { AppError } from '#common/errors.ts';
import type { ConnectStep } from '#common/model.ts';
import type { Asking } from './asking.ts';
import { type ConnectorDeps, createConnector, type Jump } from './connector.ts';
import { hopFailure } from './failure.ts';
import { checkLiveness, defaultLiveness, type LivenessTimes, watchLiveness } from './liveness.ts';
import type { Resolver } from './resolve.ts';
import { connectionKey, type ResolvedHost } from './resolved.ts';
import { resolveRoute } from './route.ts';
import { type Shared, share } from './share.ts';
import type { Transport } from './transport.ts';

export interface PoolDeps extends ConnectorDeps {
  readonly resolver: Resolver;
  /** Whom logins ask that no person waits for: what was remembered. */
  readonly recall: Asking;
  readonly liveness?: LivenessTimes;
}

/** A host's first connection, or a second one that large transfers on the first do not delay. */
export type Lane = 'main' | 'second';

export interface GetOptions {
  readonly signal?: AbortSignal | undefined;
  /** A person who waits for this connection and may be asked. Default: nobody is. */
  readonly asking?: Asking | undefined;
  /** Default: `main`. Where a person had to log in there is only that one. */
  readonly lane?: Lane;
  readonly onStep?: ((step: ConnectStep) => void) | undefined;
  /** Told where the host is, before it is connected to. */
  readonly onResolved?: ((resolved: ResolvedHost) => void) | undefined;
}

export interface Connection {
  readonly transport: Transport;
  readonly resolved: ResolvedHost;
}

/** One connection per target, shared by whoever asks: two aliases with the same values, scan and forwards, jump hosts. */
export interface Pool {
  /**
   * The connection to a host, opened if there is none. A caller that aborts leaves the others alone. Errors: those of
   * the resolver and the connector, `proxy-failed`, `cancelled`; `auth-waiting` when a person is being asked on the way
   * and this caller may not.
   */
  get(alias: string, options?: GetOptions): Promise<Connection>;
  /** The connection to a host that is open now, if there is one. */
  peek(alias: string): Connection | null;
  /** What is known of the hosts asked for and the jump hosts on the way to them. */
  known(): readonly ResolvedHost[];
  /** Asks every connection for a sign of life, after a sleep or on a new network; resolves when the dead ones are closed. */
  check(timeoutMs: number): Promise<void>;
  /** Closes the connections of hosts that none of the aliases leads to any more, by what the resolver says now. */
  retain(aliases: readonly string[]): Promise<void>;
  /** Ends all connections and attempts; resolves when nothing is left open. The next `get` connects anew. */
  closeAll(): Promise<void>;
  /** The same for good: every later `get` is `cancelled`. Safe to call twice. */
  dispose(): Promise<void>;
}

interface Entry {
  readonly attempt: Shared<Transport>;
  /** Whether the attempt may ask a person. */
  readonly asks: boolean;
  readonly steps: Set<(step: ConnectStep) => void>;
  step: ConnectStep;
  transport: Transport | null;
}

/** More targets than this behind one jump host share one TCP stream too closely. */
const maxRiders = 64;

type Route = readonly ResolvedHost[];

export function createPool(deps: PoolDeps): Pool {
  const { resolver } = deps;
  const connector = createConnector(deps);
  const entries = new Map<string, Entry>();
  /** How many targets are reached, or are about to be, through each connection to a jump host. */
  const riders = new Map<string, number>();
  const latest = new Map<string, Route>();
  let disposed = false;

  const connect = async (key: string, route: Route, options: StartOptions): Promise<Transport> => {
    const { onStep, signal } = options;
    await makeWay(key, lastOf(route), options);
    // No await between here and `start`: whoever comes next must find the entry.
    const entry = entries.get(key) ?? start(key, route, options);
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

  /** An attempt that asks a person turns others away, and one that does not is waited out by a caller that may ask. */
  const makeWay = async (
    key: string,
    host: ResolvedHost,
    { signal, asking }: StartOptions,
  ): Promise<void> => {
    for (;;) {
      if (signal?.aborted) throw new AppError('cancelled', { step: 'connect' });
      const entry = entries.get(key);
      if (entry === undefined || entry.transport !== null || entry.asks === asking.interactive) return;
      if (entry.asks) throw new AppError('auth-waiting', { step: 'authenticate', command: host.command });
      await entry.attempt.join(signal).catch(() => undefined);
    }
  };

  const start = (key: string, route: Route, { asking, isJumpHost }: StartOptions): Entry => {
    const host = lastOf(route);
    const remove = (): void => {
      if (entries.get(key) === entry) entries.delete(key);
    };
    const onStep = (step: ConnectStep): void => {
      entry.step = step;
      for (const tell of entry.steps) tell(step);
    };
    const via = route.slice(0, -1);
    let ride: Ride | null = null;
    const openOne = async (signal: AbortSignal): Promise<Transport> => {
      const reason = await connector.systemReason(host);
      if (reason !== null) return connector.openSystem({ host, reason, signal, onStep });
      ride = via.length === 0 ? null : reserveRide(lastOf(via));
      // Before a slot is taken: the jump host needs one itself.
      const jump = ride === null ? null : await connectJump(ride.key, via, asking, signal);
      return connector.open({ host, jump, isJumpHost, asking, signal, onStep });
    };
    const attempt = share(async (signal) => {
      try {
        const transport = await openOne(signal);
        if (signal.aborted) await closed(transport);
        signal.throwIfAborted();
        entry.transport = transport;
        transport.onClose(remove);
        transport.onClose(() => ride?.end());
        watchLiveness(transport, deps.liveness ?? defaultLiveness);
        return transport;
      } catch (error) {
        remove();
        ride?.end();
        throw error;
      }
    }, remove);
    const entry: Entry = {
      attempt,
      asks: asking.interactive,
      steps: new Set(),
      step: 'connect',
      transport: null,
    };
    entries.set(key, entry);
    return entry;
  };

  const connectJump = async (key: string, via: Route, asking: Asking, signal: AbortSignal): Promise<Jump> => {
    const hop = lastOf(via);
    try {
      return { hop, transport: await connect(key, via, { signal, asking, isJumpHost: true }) };
    } catch (error) {
      throw hopFailure(error, hop);
    }
  };

  /** A place on the first connection to the jump host that has room; one that a person logged in to always has. */
  const reserveRide = (hop: ResolvedHost): Ride => {
    const hasRoom = (key: string): boolean =>
      (riders.get(key) ?? 0) < maxRiders || entries.get(key)?.transport?.answered === true;
    let key = laneKey(hop, 'main');
    for (let number = 2; !hasRoom(key); number += 1) key = laneKey(hop, `jump ${number}`);
    riders.set(key, (riders.get(key) ?? 0) + 1);
    const end = (): void => {
      const left = (riders.get(key) ?? 1) - 1;
      if (left > 0) riders.set(key, left);
      else riders.delete(key);
    };
    return { key, end };
  };

  const closeEntry = async ({ attempt }: Entry): Promise<void> => {
    attempt.abort();
    await attempt.ended;
    const transport = await attempt.join().catch(() => null);
    if (transport !== null) await closed(transport);
  };

  const closeAll = async (): Promise<void> => {
    await Promise.all([...entries.values()].map(closeEntry));
  };

  const routeTo = async (alias: string, signal: AbortSignal): Promise<Route> => {
    const route = await resolveRoute(await resolver.resolve(alias, signal), resolver, signal);
    latest.set(alias, route);
    return route;
  };

  return {
    async get(
      alias,
      { signal = new AbortController().signal, asking = deps.recall, lane = 'main', onStep, onResolved } = {},
    ) {
      if (disposed) throw new AppError('cancelled');
      onStep?.('resolve');
      const route = await routeTo(alias, signal);
      if (disposed) throw new AppError('cancelled');
      const resolved = lastOf(route);
      onResolved?.(resolved);
      const only = entries.get(laneKey(resolved, 'main'))?.transport?.answered === true;
      const key = laneKey(resolved, only ? 'main' : lane);
      const transport = await connect(key, route, {
        signal,
        asking,
        onStep,
        isJumpHost: false,
      });
      return { transport, resolved };
    },
    peek(alias) {
      const route = latest.get(alias);
      if (route === undefined) return null;
      const resolved = lastOf(route);
      const transport = entries.get(laneKey(resolved, 'main'))?.transport ?? null;
      return transport === null ? null : { transport, resolved };
    },
    known: () => [...latest.values()].flat(),
    async check(timeoutMs) {
      const transports = [...entries.values()].flatMap(({ transport }) => transport ?? []);
      await Promise.all(transports.map((transport) => checkLiveness(transport, timeoutMs)));
    },
    async retain(aliases) {
      const routes = await Promise.all(
        aliases.map((alias) => routeTo(alias, new AbortController().signal).catch(() => [])),
      );
      const wanted = new Set(routes.flat().map(connectionKey));
      for (const alias of latest.keys()) if (!aliases.includes(alias)) latest.delete(alias);
      const unwanted = [...entries].filter(([key]) => !wanted.has(connectionOf(key)));
      await Promise.all(unwanted.map(([, entry]) => closeEntry(entry)));
    },
    closeAll,
    async dispose() {
      disposed = true;
      await closeAll();
    },
  };
}

/** A target's place on a connection to its jump host. */
interface Ride {
  readonly key: string;
  end(): void;
}

interface StartOptions {
  readonly signal?: AbortSignal | undefined;
  readonly asking: Asking;
  readonly isJumpHost: boolean;
  readonly onStep?: GetOptions['onStep'];
}

function laneKey(host: ResolvedHost, lane: string): string {
  return `${lane}\n${connectionKey(host)}`;
}

function connectionOf(key: string): string {
  return key.slice(key.indexOf('\n') + 1);
}

function lastOf(route: Route): ResolvedHost {
  const last = route.at(-1);
  if (last === undefined) throw new Error('a route without a host');
  return last;
}

function closed(transport: Transport): Promise<void> {
  return new Promise((resolve) => {
    transport.onClose(() => resolve());
    transport.close();
  });
}
