import type { LimitFunction } from 'p-limit';
import { AppError } from '#common/failure.ts';
import type { Host } from '#common/hosts.ts';
import type { HostId, ServerId } from '#common/ids.ts';
import { hasLoad, type ModelServer, type ServerState } from '#common/servers.ts';
import type { Clock } from '#common/timer.ts';
import type { Log } from '../../diagnostics/log.ts';
import { discoverServers } from '../../models/discover.ts';
import { createLoadReader, type LoadAnswer } from '../../models/load-reader.ts';
import { holdersOf, withProcesses } from '../../models/server-process.ts';
import type { Kin } from '../../probe/kin.ts';
import type { ListeningPort } from '../../probe/ports.ts';
import type { GpuReading } from '../../probe/tools/gpu-reading.ts';
import type { Transport } from '../../ssh/transport.ts';
import type { Store } from '../../store.ts';
import type { ServersQuery } from '../host-meter.ts';
import { createKeptKin } from './kept-kin.ts';

export interface ServerMeterDeps {
  /** Its settings. */
  readonly store: Pick<Store, 'current'>;
  /** Shared by all hosts: bounds HTTP requests to model servers. */
  readonly httpLimit: LimitFunction;
  /** Ports to ask instead of discovering them. */
  readonly remotePorts: readonly number[] | null;
  /** The key to show to a model server; null where none is known. */
  readonly apiKeyFor: (serverId: ServerId) => string | null;
  readonly log: Log;
  readonly clock?: Clock;
  readonly onForwarding: (forwarding: Host['forwarding']) => void;
}

export interface ServerQuery extends ServersQuery {
  readonly transport: Transport;
  /** What listens on the host. */
  readonly listening: () => Promise<readonly ListeningPort[]>;
  /** As they were read last, with who is on them. */
  readonly gpus: readonly GpuReading[];
  readonly kin: (pids: readonly number[]) => Promise<Kin>;
}

/** Finds the model servers of one host, and measures their load. */
export interface ServerMeter {
  /** See {@link HostMeter.servers}. Errors: those of `listening`, `connection-lost`, `cancelled`. */
  measure(query: ServerQuery): Promise<readonly ModelServer[]>;
  close(): void;
}

export function createServerMeter(hostId: HostId, deps: ServerMeterDeps): ServerMeter {
  const { store, httpLimit: limit, apiKeyFor, log } = deps;
  const timeoutMs = (): number => store.current().settings.timeouts.httpMs;
  const loads = createLoadReader({
    limit,
    timeoutMs,
    apiKeyFor,
    log,
    ...(deps.clock && { clock: deps.clock }),
  });

  const kinOf = createKeptKin(deps.clock);

  const discover = async ({
    transport,
    signal,
    known,
    ...query
  }: ServerQuery): Promise<readonly ModelServer[]> => {
    const listening = await query.listening();
    const { modelPorts } = store.current().settings;
    try {
      const servers = await discoverServers({
        transport,
        hostId,
        listening,
        known,
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
      return await withTheirProcesses(servers, listening, { ...query, transport, known });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'forwarding-prohibited') throw error;
      deps.onForwarding('prohibited');
      return [];
    }
  };

  /** One question for all of them, and none where the login sees no process that listens for one. */
  async function withTheirProcesses(
    servers: readonly ModelServer[],
    listening: readonly ListeningPort[],
    { gpus, kin: ask, known, transport }: Pick<ServerQuery, 'gpus' | 'kin' | 'known' | 'transport'>,
  ): Promise<readonly ModelServer[]> {
    const ports = new Set(servers.map(({ port }) => port));
    const listeners = listening.flatMap(({ port, pid }) => (ports.has(port) && pid !== null ? pid : []));
    if (listeners.length === 0) return servers;
    const holders = holdersOf(gpus);
    const { kin, at } = await kinOf({ transport, listeners, others: holders.map(({ pid }) => pid), ask });
    const before = new Map(known.map(({ id, process }) => [id, process]));
    const again = servers.map((server) => ({ ...server, process: before.get(server.id) ?? null }));
    return withProcesses(again, { listening, holders, kin, now: at });
  }

  return {
    async measure(query) {
      const { known, find, transport, signal } = query;
      const found = find ? await discover(query) : known;
      if (found.length === 0 && known.length === 0) return known;
      const answering = found.filter(({ state }) => hasLoad(state));
      const answers = await loads.read(answering, transport, signal);
      const servers = found.map((server) => withLoad(server, answers.get(server.id), find));
      const isSame = servers.length === known.length && servers.every((server, at) => server === known[at]);
      return isSame ? known : servers;
    },
    close: () => loads.close(),
  };
}

function withLoad(server: ModelServer, answer: LoadAnswer | undefined, isNew: boolean): ModelServer {
  const state = stateWith(server, answer);
  // A server whose metrics do not come is one whose load is unknown.
  if (answer === undefined)
    return isNew || (server.loads.length === 0 && state === server.state)
      ? server
      : { ...server, state, loads: [] };
  return { ...server, state, loads: answer.loads };
}

/** What its list says of it, and what its load does. */
function stateWith({ state }: ModelServer, answer: LoadAnswer | undefined): ServerState {
  if (answer?.asleep) return { kind: 'sleeping' };
  if (answer?.stuck) return answer.stuck;
  return state.kind === 'stuck' ? { kind: 'up' } : state;
}
