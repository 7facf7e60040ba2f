/** Asks one Prometheus: queries as POST forms, or as GET where it takes only those. */

import pLimit from 'p-limit';
import { AppError } from '#common/failure.ts';
import type { PrometheusSource } from '#common/prometheus.ts';
import { plainText } from '#common/text.ts';
import {
  type Answer,
  dataOf,
  type RawAnswer,
  type RawSample,
  type RawSeries,
  samplesOf,
  seriesOf,
} from './answer.ts';
import { httpAsk } from './http-ask.ts';
import { eachSample, type TakeSample } from './text-samples.ts';
import { type OpenStream, type OpenWay, openWay, type SourceSecrets } from './way.ts';

export interface ClientDeps {
  readonly source: PrometheusSource;
  readonly secrets: SourceSecrets;
  readonly stream: OpenStream;
  /** For one query, the connection included, from when it is sent. */
  readonly timeoutMs: number;
}

export interface RangeQuery {
  readonly query: string;
  /** Seconds since the epoch. */
  readonly startS: number;
  readonly endS: number;
  readonly stepS: number;
}

/** Errors of all: those of {@link openWay}, of `httpAsk` and of `dataOf`. */
export interface PrometheusClient {
  instant(query: string, signal: AbortSignal): Promise<Answer<RawSample>>;
  /** As `instant`, for answers of thousands of series that are asked for again and again; see {@link eachSample}. */
  each(query: string, take: TakeSample, signal: AbortSignal): Promise<string | null>;
  /** The samples themselves, as they were scraped: of a query that ends with a range. */
  matrix(query: string, signal: AbortSignal): Promise<Answer<RawSeries>>;
  /** Does not wait for instant queries, because a person waits for it. */
  range(query: RangeQuery, signal: AbortSignal): Promise<Answer<RawSeries>>;
  /** The server's version; null where it does not say one. */
  version(signal: AbortSignal): Promise<string | null>;
  /** Ends its connections; the next query opens new ones. */
  close(): void;
}

/** Refusals of POST, after which GET is tried: by servers that have only that, and by proxies that let no one write. */
const refusesPost = new Set([403, 404, 405, 411, 415, 501]);
const longestGet = 8000;
/**
 * So many instant queries are under way, and as many of ranges; the others wait, before their time begins. The parts of a large
 * fleet share the server's cores otherwise, and each takes as long as all of them.
 */
const mostAtOnce = 2;

export function createClient(deps: ClientDeps): PrometheusClient {
  let opened: Promise<OpenWay> | null = null;
  let method: 'POST' | 'GET' = 'POST';
  const { timeoutMs } = deps;
  const turns = pLimit(mostAtOnce);
  const rangeTurns = pLimit(mostAtOnce);

  const way = (): Promise<OpenWay> => {
    opened ??= openWay(deps.source, deps.secrets, deps.stream).catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };

  const get = async (path: string, signal: AbortSignal): Promise<RawAnswer> => {
    const open = await way();
    return httpAsk(open, { path: `${open.prefix}${path}`, timeoutMs, signal });
  };

  const call = async (
    endpoint: string,
    fields: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<RawAnswer> => {
    const form = new URLSearchParams(fields).toString();
    if (method === 'POST') {
      const open = await way();
      const limited = `${form}&timeout=${Math.ceil(timeoutMs / 1000)}s`;
      const answer = await httpAsk(open, {
        path: `${open.prefix}${endpoint}`,
        form: limited,
        timeoutMs,
        signal,
      });
      if (!refusesPost.has(answer.status)) return answer;
      // Only what it has in common: some refuse a parameter that they do not know.
      const again = await tryGet(endpoint, form, signal);
      if (again === null || again.status !== 200) return again?.status === 400 ? again : answer;
      method = 'GET';
      return again;
    }
    const answer = await tryGet(endpoint, form, signal);
    if (answer === null) throw new AppError('source-query', { step: 'probe', detail: 'too long for GET' });
    return answer;
  };

  const tryGet = async (endpoint: string, form: string, signal: AbortSignal): Promise<RawAnswer | null> =>
    form.length > longestGet ? null : get(`${endpoint}?${form}`, signal);

  // It may have been called off while it waited; a closed client then opens no connection.
  const unlessCalledOff: typeof call = (endpoint, fields, signal) => {
    if (signal.aborted) throw new AppError('cancelled');
    return call(endpoint, fields, signal);
  };

  const inTurn = (query: string, signal: AbortSignal) =>
    turns(() => unlessCalledOff('/api/v1/query', { query }, signal));

  return {
    async instant(query, signal) {
      const { data, partial } = dataOf(await inTurn(query, signal));
      return { items: samplesOf(data), partial };
    },
    each: async (query, take, signal) => eachSample(await inTurn(query, signal), take),
    async matrix(query, signal) {
      const { data, partial } = dataOf(await inTurn(query, signal));
      return { items: seriesOf(data), partial };
    },
    async range({ query, startS, endS, stepS }, signal) {
      const fields = { query, start: String(startS), end: String(endS), step: String(stepS) };
      const answer = await rangeTurns(() => unlessCalledOff('/api/v1/query_range', fields, signal));
      const { data, partial } = dataOf(answer);
      return { items: seriesOf(data), partial };
    },
    async version(signal) {
      const answer = await get('/api/v1/status/buildinfo', signal);
      if (answer.status !== 200) return null;
      try {
        const { data } = JSON.parse(answer.body) as { readonly data?: { readonly version?: unknown } };
        return typeof data?.version === 'string' ? plainText(data.version, 60) : null;
      } catch {
        // Its queries will say what it is.
        return null;
      }
    },
    close() {
      void opened?.then((open) => open.close()).catch(() => undefined);
      opened = null;
    },
  };
}
