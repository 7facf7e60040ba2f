/** Reads the load of one host's model servers from their `/metrics`, over channels that stay open between two looks. */

import type { LimitFunction } from 'p-limit';
import { AppError } from '#common/errors.ts';
import type { ModelLoad, ModelServer, ServerId } from '#common/model.ts';
import { authorityOf } from '#common/text.ts';
import type { Transport } from '../ssh/transport.ts';
import { createHttpClient, type HttpClient } from './http.ts';
import { createLoadMeter, type LoadMeter } from './load-meter.ts';
import { readMetrics } from './metrics.ts';

export interface LoadReaderDeps {
  /** Bounds how many servers are asked at once, over all hosts. */
  readonly limit: LimitFunction;
  readonly timeoutMs: () => number;
  readonly apiKeyFor: (serverId: ServerId) => string | null;
}

export interface LoadAnswer {
  readonly loads: readonly ModelLoad[];
  /** vLLM's sleep mode. */
  readonly asleep: boolean;
}

export interface LoadReader {
  /**
   * Asks all these servers at once; one that has no metrics, or does not give them, is left out.
   * Errors: `connection-lost`, `cancelled`.
   */
  read(
    servers: readonly ModelServer[],
    transport: Transport,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<ServerId, LoadAnswer>>;
  /** The client of a server whose load is read, which may ask it for something else in between; null where there is none. */
  clientOf(server: ModelServer, transport: Transport): HttpClient | null;
  /** Closes the channels. */
  close(): void;
}

/** So long a server is left alone that has no metrics, or did not give them. */
const restMs = 60_000;

interface Source {
  readonly address: string;
  readonly transport: Transport;
  readonly apiKey: string | null;
  readonly client: HttpClient;
  readonly meter: LoadMeter;
  /** On the clock of `performance.now()`. */
  restsUntil: number;
}

export function createLoadReader({ limit, timeoutMs, apiKeyFor }: LoadReaderDeps): LoadReader {
  const sources = new Map<ServerId, Source>();

  const knownSource = ({ id, address }: ModelServer, transport: Transport): Source | null => {
    const known = sources.get(id);
    const isSame =
      known?.address === address && known.transport === transport && known.apiKey === apiKeyFor(id);
    return isSame ? known : null;
  };

  const sourceOf = (server: ModelServer, transport: Transport): Source => {
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
    const source = { address, transport, apiKey, client, meter, restsUntil: 0 };
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

  const ask = async (source: Source, signal: AbortSignal): Promise<LoadAnswer | null> => {
    try {
      const { status, body, contentType } = await source.client.get('/metrics', signal);
      const atMs = performance.now();
      const metrics = status === 200 ? readMetrics(body, contentType) : null;
      if (metrics === null) source.restsUntil = atMs + restMs;
      return metrics && { loads: source.meter.observe(metrics, atMs), asleep: metrics.asleep };
    } catch (error) {
      const code = error instanceof AppError ? error.code : null;
      if (code === null || code === 'connection-lost' || code === 'cancelled') throw error;
      source.restsUntil = performance.now() + restMs;
      return null;
    }
  };

  return {
    async read(servers, transport, signal) {
      forget(servers);
      const due = servers
        .map((server) => ({ id: server.id, source: sourceOf(server, transport) }))
        .filter(({ source }) => performance.now() >= source.restsUntil);
      const asked = due.map(({ id, source }) => limit(async () => [id, await ask(source, signal)] as const));
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
