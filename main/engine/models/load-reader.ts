/** Reads the load of the model servers of one place from their metrics, over channels that stay open between two looks. */

import type { LimitFunction } from 'p-limit';
import { AppError } from '#common/failure.ts';
import type { ServerId } from '#common/ids.ts';
import type { ModelLoad, ModelServer } from '#common/servers.ts';
import { authorityOf } from '#common/text.ts';
import { type Clock, systemClock } from '#common/timer.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Transport } from '../ssh/transport.ts';
import { unnamed } from './engines/engine.ts';
import { engines } from './engines/registry.ts';
import { createHttpClient, type HttpClient } from './http.ts';
import { createLoadMeter, type LoadMeter } from './load-meter.ts';
import type { MetricTable } from './metric-table.ts';
import { createMetricsReader, type MetricsReader } from './metrics-reader.ts';
import type { StuckState } from './stuck.ts';
import { createStuckWatch, type StuckWatch } from './stuck-watch.ts';

/** What leads to the servers: a connection to their host, or this computer itself. */
export type Streams = Pick<Transport, 'stream'>;

export interface LoadReaderDeps {
  /** Bounds how many servers are asked at once, over all hosts. */
  readonly limit: LimitFunction;
  readonly timeoutMs: () => number;
  readonly apiKeyFor: (serverId: ServerId) => string | null;
  readonly log: Log;
  readonly clock?: Clock;
}

export interface LoadAnswer {
  readonly loads: readonly ModelLoad[];
  /** The model is put away until it is woken. */
  readonly asleep: boolean;
  /** It answers, and does no work; null where it does, or that is not known. */
  readonly stuck: StuckState | null;
}

export interface LoadReader {
  /**
   * Asks all these servers at once; one that has no metrics, or does not give them, is left out unless it is stuck.
   * Errors: `connection-lost`, `cancelled`.
   */
  read(
    servers: readonly ModelServer[],
    transport: Streams,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<ServerId, LoadAnswer>>;
  /** The client of a server whose load is read, which may ask it for something else in between; null where there is none. */
  clientOf(server: ModelServer, transport: Streams): HttpClient | null;
  /** Closes the channels. */
  close(): void;
}

/** So long a server is left alone that has no metrics, or did not give them. */
const restMs = 60_000;

interface Source {
  readonly address: string;
  readonly transport: Streams;
  readonly apiKey: string | null;
  readonly client: HttpClient;
  /** Null where its engine has no metrics. */
  readonly metrics: MetricsReader | null;
  readonly table: MetricTable | null;
  readonly meter: LoadMeter;
  readonly watch: StuckWatch;
  /** On the monotonic clock. */
  restsUntil: number;
}

const tableOf = ({ engine }: ModelServer): MetricTable | null => engines[engine ?? unnamed].metrics;

export function createLoadReader(deps: LoadReaderDeps): LoadReader {
  const { limit, timeoutMs, apiKeyFor, log, clock = systemClock } = deps;
  const sources = new Map<ServerId, Source>();

  const knownSource = (server: ModelServer, transport: Streams): Source | null => {
    const known = sources.get(server.id);
    const isSame =
      known?.address === server.address &&
      known.transport === transport &&
      known.apiKey === apiKeyFor(server.id) &&
      known.table === tableOf(server);
    return isSame ? known : null;
  };

  const sourceOf = (server: ModelServer, transport: Streams): Source => {
    const same = knownSource(server, transport);
    if (same !== null) return same;
    const { id, address, port } = server;
    const known = sources.get(id);
    const apiKey = apiKeyFor(id);
    known?.client.close();
    const client = createHttpClient({
      open: (signal) =>
        transport.stream(address, port, { timeoutMs: timeoutMs(), ...(signal && { signal }) }),
      authority: authorityOf(address, port),
      timeoutMs: timeoutMs(),
      apiKey,
    });
    // Counters go on across a new connection.
    const meter = known?.meter ?? createLoadMeter();
    const page = engines[server.engine ?? unnamed].health;
    const watch = known?.table === tableOf(server) ? known.watch : createStuckWatch({ page, clock });
    const table = tableOf(server);
    const metrics = table && createMetricsReader(client, table);
    const source = { address, transport, apiKey, client, metrics, table, meter, watch, restsUntil: 0 };
    sources.set(id, source);
    return source;
  };

  const forget = (servers: readonly ModelServer[]): void => {
    const ids = new Set(servers.map(({ id }) => id));
    for (const [id, { client }] of sources) {
      if (ids.has(id)) continue;
      client.close();
      sources.delete(id);
    }
  };

  const askMetrics = async (
    id: ServerId,
    source: Source,
    signal: AbortSignal,
  ): Promise<Omit<LoadAnswer, 'stuck'> | null> => {
    if (source.metrics === null || clock.now() < source.restsUntil) return null;
    try {
      const metrics = await source.metrics.read(signal);
      const atMs = clock.now();
      if (metrics === null) source.restsUntil = atMs + restMs;
      else source.watch.observe(metrics === 'asleep' || metrics.asleep ? null : metrics);
      if (metrics === 'asleep') return { loads: [], asleep: true };
      return metrics && { loads: source.meter.observe(metrics, atMs), asleep: metrics.asleep };
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'connection-lost' || error.code === 'cancelled')
        throw error;
      log('info', `${id}: no metrics: ${error.code}${error.detail === '' ? '' : `: ${error.detail}`}`);
      source.restsUntil = clock.now() + restMs;
      return null;
    }
  };

  const ask = async (id: ServerId, source: Source, signal: AbortSignal): Promise<LoadAnswer | null> => {
    const load = await askMetrics(id, source, signal);
    if (load?.asleep) return { ...load, stuck: null };
    await source.watch.askHealth(source.client, signal);
    const stuck = source.watch.state();
    if (load === null) return stuck && { loads: [], asleep: false, stuck };
    return { ...load, stuck };
  };

  return {
    async read(servers, transport, signal) {
      forget(servers);
      const asked = servers.map((server) => {
        const source = sourceOf(server, transport);
        return limit(async () => [server.id, await ask(server.id, source, signal)] as const);
      });
      const answers = await Promise.all(asked);
      return new Map(answers.flatMap(([id, answer]) => (answer === null ? [] : [[id, answer]])));
    },
    clientOf: (server, transport) => knownSource(server, transport)?.client ?? null,
    close() {
      for (const { client } of sources.values()) client.close();
      sources.clear();
    },
  };
}
