import type { LimitFunction } from 'p-limit';
import { AppError } from '#common/errors.ts';
import type { Host, HostId, ModelServer, ServerId } from '#common/model.ts';
import { discoverServers } from '../models/discover.ts';
import { createLoadReader, type LoadAnswer } from '../models/load-reader.ts';
import type { Probe } from '../probe/probe.ts';
import type { Transport } from '../ssh/transport.ts';
import type { Store } from '../store.ts';

export interface ServerMeterDeps {
  readonly store: Store;
  readonly httpLimit: LimitFunction;
  readonly remotePorts: readonly number[] | null;
  readonly apiKeyFor: (serverId: ServerId) => string | null;
  readonly onForwarding: (forwarding: Host['forwarding']) => void;
}

export interface ServerQuery {
  readonly transport: Transport;
  readonly probe: Probe;
  /** Look for servers; otherwise only the known ones are asked how busy they are. */
  readonly ports: boolean;
  readonly signal: AbortSignal;
}

/** Keeps the model servers of one host in the Snapshot: which there are, and their load. */
export interface ServerMeter {
  /** Errors: those of the Probe, `connection-lost`, `cancelled`. */
  measure(query: ServerQuery): Promise<void>;
  close(): void;
}

export function createServerMeter(hostId: HostId, deps: ServerMeterDeps): ServerMeter {
  const { store, httpLimit: limit, apiKeyFor } = deps;
  const timeoutMs = (): number => store.current().settings.timeouts.httpMs;
  const loads = createLoadReader({ limit, timeoutMs, apiKeyFor });

  const known = (): readonly ModelServer[] =>
    store.current().servers.filter((server) => server.hostId === hostId);

  const find = async ({ transport, probe, signal }: ServerQuery): Promise<readonly ModelServer[]> => {
    const listening = await probe.ports(signal);
    const { modelPorts } = store.current().settings;
    try {
      const servers = await discoverServers({
        transport,
        hostId,
        listening,
        known: known(),
        clientOf: (server) => loads.clientOf(server, transport),
        ports: deps.remotePorts,
        extraPorts: modelPorts.extra,
        skipPorts: modelPorts.skip,
        limit,
        apiKeyFor,
        timeoutMs: timeoutMs(),
        now: Date.now,
        signal,
      });
      if (servers.length > 0) deps.onForwarding('allowed');
      return servers;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'forwarding-prohibited') throw error;
      deps.onForwarding('prohibited');
      return [];
    }
  };

  return {
    async measure(query) {
      const before = known();
      const found = query.ports ? await find(query) : before;
      const answering = found.filter(({ state }) => state.kind === 'up' || state.kind === 'sleeping');
      if (found.length === 0 && before.length === 0) return;
      const answers = await loads.read(answering, query.transport, query.signal);
      const servers = found.map((server) => withLoad(server, answers.get(server.id), query.ports));
      if (servers.some((server, at) => server !== before[at]) || servers.length !== before.length)
        store.apply({ kind: 'servers-found', hostId, servers });
    },
    close: () => loads.close(),
  };
}

function withLoad(server: ModelServer, answer: LoadAnswer | undefined, isNew: boolean): ModelServer {
  // A server whose metrics do not come is one whose load is unknown.
  if (answer === undefined) return isNew || server.loads.length === 0 ? server : { ...server, loads: [] };
  const state = answer.asleep ? ({ kind: 'sleeping' } as const) : server.state;
  return { ...server, state, loads: answer.loads };
}
