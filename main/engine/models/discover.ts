/** Finds the model servers of one host: asks likely ports for `/v1/models` over the host's Transport. */

import type { Duplex } from 'node:stream';
import type { LimitFunction } from 'p-limit';
import { AppError, toFailure } from '#common/errors.ts';
import { type HostId, type ModelServer, type ServerId, type ServerState, serverId } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import type { ListeningPort } from '../probe/ports.ts';
import type { Transport } from '../ssh/transport.ts';
import { type Candidate, explicitCandidates, likelyCandidates } from './candidates.ts';
import { authorityOf, createHttpClient, type HttpAnswer, type HttpClient } from './http.ts';
import { parseModelList, parseVersion } from './listing.ts';

export interface DiscoverOptions {
  readonly transport: Transport;
  readonly hostId: HostId;
  /** What listens on the host; null when that could not be learnt. */
  readonly listening: readonly ListeningPort[] | null;
  /** Ask exactly these ports; null: those of `listening` where a model server can be. */
  readonly ports: readonly number[] | null;
  /** Ports where the user expects a server, and ports never to ask; of no effect beside `ports`. */
  readonly extraPorts: readonly number[];
  readonly skipPorts: readonly number[];
  /** Bounds how many servers are asked at once, over all hosts. */
  readonly limit: LimitFunction;
  /** The key to show to a server; null where none is known. */
  readonly apiKeyFor: (serverId: ServerId) => string | null;
  /** For each HTTP request. */
  readonly timeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/**
 * Returns one entry per server, by port. A port that gives no model list is an entry, `failed` or `locked`, only where
 * a server was expected: asked for by number, the usual port, or a process that is known to serve models.
 * Errors: `forwarding-prohibited` when the host opens no channels at all, `connection-lost`, `cancelled`.
 */
export async function discoverServers(options: DiscoverOptions): Promise<readonly ModelServer[]> {
  const { ports, listening, limit, signal } = options;
  const candidates =
    ports === null ? likelyCandidates(listening, options) : explicitCandidates(ports, listening);
  const ending = new AbortController();
  const cancel = (): void => ending.abort(new AppError('cancelled', { step: 'models' }));
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  const search: Search = { ...options, ending, channelsOpen: false, prohibited: 0, total: candidates.length };
  const asked = candidates.map((candidate) => limit(() => askServer(search, candidate)));
  const outcomes = await Promise.allSettled(asked);
  signal?.removeEventListener('abort', cancel);
  ending.signal.throwIfAborted();
  return outcomes
    .flatMap((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value ?? [];
    })
    .sort((a, b) => a.port - b.port);
}

/** One run over a host. */
interface Search extends DiscoverOptions {
  /** Ends the whole search, with the error that it ends with. */
  readonly ending: AbortController;
  /** Whether the host has let any channel through, if only to a port where nothing listens. */
  channelsOpen: boolean;
  /** How many channels of how many candidates it has prohibited. */
  prohibited: number;
  readonly total: number;
}

async function askServer(search: Search, candidate: Candidate): Promise<ModelServer | null> {
  for (const address of candidate.addresses) {
    search.ending.signal.throwIfAborted();
    const client = createHttpClient({
      open: (signal) => openChannel(search, address, candidate.port, signal),
      authority: authorityOf(address, candidate.port),
      apiKey: search.apiKeyFor(serverId(search.hostId, candidate.port)),
      timeoutMs: search.timeoutMs,
    });
    const row = (fields: Described): ModelServer => ({
      id: serverId(search.hostId, candidate.port),
      hostId: search.hostId,
      port: candidate.port,
      address,
      loads: [],
      seenAt: search.now(),
      ...fields,
    });
    try {
      return row(await describe(client, search.ending.signal));
    } catch (error) {
      if (!(error instanceof AppError) || endsSearch(search, error)) {
        search.ending.abort(error);
        throw error;
      }
      // The other address of a wildcard may be the one that is bound.
      if (error.code !== 'target-refused') return candidate.expected ? row(failed(error)) : null;
    } finally {
      client.close();
    }
  }
  return null;
}

type Described = Pick<ModelServer, 'state' | 'engine' | 'version' | 'models'>;

const nothing = { engine: null, version: null, models: [] } as const;

/** What a port that answers HTTP is. Errors: those of {@link HttpClient.get}, and `server-not-openai`. */
async function describe(client: HttpClient, signal: AbortSignal): Promise<Described> {
  const answer = await client.get('/v1/models', signal);
  if (answer.status === 401 || answer.status === 403) return { ...nothing, state: { kind: 'locked' } };
  if (answer.status !== 200) throw badStatus(answer);
  const { models, engine } = parseModelList(answer.body, answer.contentType);
  const up: ServerState = { kind: 'up' };
  // Only vLLM answers `/version` so, and only vLLM and SGLang, which says its name, give a context length.
  const perhapsVllm = engine === 'vllm' || (engine === 'openai' && models.some((model) => model.maxModelLen));
  if (!perhapsVllm) return { state: up, engine, version: null, models };
  const version = await askVersion(client, signal);
  return { state: up, engine: version === null ? engine : 'vllm', version, models };
}

async function askVersion(client: HttpClient, signal: AbortSignal): Promise<string | null> {
  try {
    const { status, body } = await client.get('/version', signal);
    return status === 200 ? parseVersion(body) : null;
  } catch (error) {
    // The list has been answered, so a missing version is no failure of the server.
    if (error instanceof AppError && error.code.startsWith('server-')) return null;
    throw error;
  }
}

function badStatus({ status, body }: HttpAnswer): AppError {
  const detail = plainText(`status ${status} ${body}`, 200);
  return new AppError(status >= 500 ? 'server-error' : 'server-not-openai', { step: 'models', detail });
}

function failed(error: AppError): Described {
  return { ...nothing, state: { kind: 'failed', failure: toFailure(error, 'models') } };
}

async function openChannel(
  search: Search,
  address: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<Duplex> {
  try {
    const { timeoutMs } = search;
    const channel = await search.transport.stream(address, port, { timeoutMs, ...(signal && { signal }) });
    search.channelsOpen = true;
    return channel;
  } catch (error) {
    if (error instanceof AppError && error.code === 'target-refused') search.channelsOpen = true;
    throw error;
  }
}

/** With PermitOpen a host lets some targets through; after this many that it did not, it lets none. */
const mostProhibited = 8;

function endsSearch(search: Search, { code }: AppError): boolean {
  if (code === 'forwarding-prohibited') {
    search.prohibited += 1;
    return !search.channelsOpen && search.prohibited >= Math.min(mostProhibited, search.total);
  }
  return code === 'connection-lost' || code === 'cancelled';
}
