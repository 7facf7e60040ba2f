import { AppError } from '#common/failure.ts';
import type { Asking } from './asking.ts';
import type { Resolver } from './config/resolve.ts';
import { connectionKey, type ResolvedHost } from './config/resolved.ts';
import { type ConnectorDeps, createConnector } from './connector.ts';
import { checkLiveness, defaultLiveness, type LivenessTimes } from './liveness.ts';
import { createConnections } from './pool/connections.ts';
import { placeOf } from './pool/places.ts';
import type { StepListener } from './pool/pooled.ts';
import { createRoutes, lastOf } from './pool/routes.ts';
import type { Transport } from './transport.ts';

export interface PoolDeps extends ConnectorDeps {
  readonly resolver: Resolver;
  /** Whom logins ask that no person waits for: what was remembered. */
  readonly recall: Asking;
  readonly liveness?: LivenessTimes;
}

export interface GetOptions {
  readonly signal?: AbortSignal | undefined;
  /** A person who waits for this connection and may be asked. Default: no one is asked. */
  readonly asking?: Asking | undefined;
  /** Default: `main`. Where a person had to log in there is only that one. */
  readonly lane?: 'main' | 'second';
  readonly onStep?: StepListener | undefined;
  /** Called with where the host is, before it is connected to. */
  readonly onResolved?: ((resolved: ResolvedHost) => void) | undefined;
}

export interface Connection {
  readonly transport: Transport;
  readonly resolved: ResolvedHost;
}

/** One connection per target, shared by all callers: two aliases with the same values, scan and forwards, jump hosts. */
export interface Pool {
  /**
   * The connection to a host, opened if there is none. A caller that aborts leaves the others alone. Errors: those of
   * the resolver and the connector, `proxy-failed`, `cancelled`; `auth-waiting` when a person is being asked on the way
   * and this caller may not.
   */
  get(alias: string, options?: GetOptions): Promise<Connection>;
  /** The connection to a host that is open now, if there is one. */
  peek(alias: string): Connection | null;
  /** Something that was asked over the host's connection was not answered: finds out whether it is dead, and ends it then. */
  doubt(alias: string): void;
  /** Those of the aliases that are the same target, or share a jump host with it; as far as they were asked for. */
  companions(alias: string, among: readonly string[]): readonly string[];
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

export function createPool(deps: PoolDeps): Pool {
  const routes = createRoutes(deps.resolver);
  const connections = createConnections(createConnector(deps), deps.liveness ?? defaultLiveness);
  let disposed = false;

  const firstTo = (alias: string) => {
    const resolved = routes.latest(alias);
    const open = resolved === null ? null : connections.openAt(placeOf(resolved, 'main'));
    return resolved === null || open === null ? null : { resolved, ...open };
  };

  return {
    async get(
      alias,
      { signal = new AbortController().signal, asking = deps.recall, lane = 'main', onStep, onResolved } = {},
    ) {
      if (disposed) throw new AppError('cancelled');
      onStep?.('resolve');
      const route = await routes.find(alias, signal);
      if (disposed) throw new AppError('cancelled');
      const resolved = lastOf(route);
      onResolved?.(resolved);
      const first = placeOf(resolved, 'main');
      const onlyOne = connections.openAt(first)?.transport.answered === true;
      const place = onlyOne ? first : { ...first, lane };
      const options = { signal, asking, onStep, isJumpHost: false };
      return { transport: await connections.join(place, route, options), resolved };
    },
    peek(alias) {
      const first = firstTo(alias);
      return first === null ? null : { transport: first.transport, resolved: first.resolved };
    },
    doubt: (alias) => firstTo(alias)?.liveness.doubt(),
    companions: routes.companions,
    known: routes.known,
    async check(timeoutMs) {
      await Promise.all(connections.transports().map((transport) => checkLiveness(transport, timeoutMs)));
    },
    async retain(aliases) {
      const found = await Promise.all(
        aliases.map((alias) => routes.find(alias, new AbortController().signal).catch(() => [])),
      );
      const wanted = new Set(found.flat().map(connectionKey));
      routes.keep(aliases);
      await connections.close((target) => !wanted.has(target));
    },
    closeAll: () => connections.close(),
    async dispose() {
      disposed = true;
      await connections.close();
    },
  };
}
