/** Finds the model servers of one host: asks likely ports for their models over the host's Transport. */

import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import type { LimitFunction } from 'p-limit';
import { AppError } from '#common/failure.ts';
import { type HostId, type ServerId, serverId } from '#common/ids.ts';
import type { ModelServer } from '#common/servers.ts';
import { authorityOf } from '#common/text.ts';
import type { ListeningPort } from '../probe/ports.ts';
import type { Transport } from '../ssh/transport.ts';
import { failedState, starting } from './answers.ts';
import { type Candidate, explicitCandidates, isOddPort, likelyCandidates } from './candidates.ts';

import { type Found, toServer, withoutDoubles, withoutInstances } from './found.ts';
import { createHttpClient, type HttpClient } from './http.ts';
import { describeServer, nothing } from './identify.ts';
import { engineOfProcess } from './process-names.ts';

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
  /** What was found before: a server at the same port and address is not asked for everything again. */
  readonly known?: readonly ModelServer[];
  /** The client that is open to a server found before; null where none is. It stays open. */
  readonly clientOf?: (known: ModelServer) => HttpClient | null;
  /** Bounds how many servers are asked at once, over all hosts. */
  readonly limit: LimitFunction;
  /** The key to show to a server, and to no other; null where none is known. */
  readonly apiKeyFor: (serverId: ServerId) => string | null;
  /** For each HTTP request. */
  readonly timeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/**
 * Returns one entry per server, by port. A port that gives no model list is an entry, `failed` or `locked`, only where
 * a server was expected: asked for by number, the usual port, a process that is known to serve models, or one found there
 * before; and `locked` where it refuses as model servers do. A server that listens on ports of the system's choice only,
 * none of which answers yet, is `starting` at the first of them.
 * Errors: `forwarding-prohibited` when the host opens no channels at all, `connection-lost`, `cancelled`.
 */
export async function discoverServers(options: DiscoverOptions): Promise<readonly ModelServer[]> {
  const { ports, listening, limit, signal } = options;
  const candidates =
    ports === null ? likelyCandidates(listening, options) : explicitCandidates(ports, listening);
  const ending = new AbortController();
  // Every port asked at the moment listens to it.
  setMaxListeners(0, ending.signal);
  const cancel = (): void => ending.abort(new AppError('cancelled', { step: 'models' }));
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  const search: Search = { ...options, ending, channelsOpen: false, prohibited: 0, total: candidates.length };
  const asked = candidates.map((candidate) => limit(() => askServer(search, candidate)));
  const outcomes = await Promise.allSettled(asked);
  signal?.removeEventListener('abort', cancel);
  ending.signal.throwIfAborted();
  const found = outcomes.flatMap((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value ?? [];
  });
  const seenAt = options.now();
  return withoutDoubles(ports === null ? withoutInstances(found) : found)
    .map((one) => toServer(one, options.hostId, seenAt))
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

async function askServer(search: Search, candidate: Candidate): Promise<Found | null> {
  const id = serverId(search.hostId, candidate.port);
  const before = search.known?.find((server) => server.id === id) ?? null;
  const addresses = [...candidate.addresses].sort(
    (a, b) => Number(b === before?.address) - Number(a === before?.address),
  );
  for (const address of addresses) {
    search.ending.signal.throwIfAborted();
    const known = before?.address === address ? before : null;
    const client = clientFor(search, { address, port: candidate.port, known });
    try {
      const { signal } = search.ending;
      const described = await describeServer({ client, candidate, known, signal });
      return { candidate, address, described, silent: false };
    } catch (error) {
      if (!(error instanceof AppError) || endsSearch(search, error)) {
        search.ending.abort(error);
        throw error;
      }
      // The other address of a wildcard may be the one that is bound.
      if (error.code !== 'target-refused') {
        const described = withoutList(candidate, client, { known, error });
        return described && { candidate, address, ...described };
      }
    } finally {
      client.close();
    }
  }
  return null;
}

interface Target {
  readonly address: string;
  readonly port: number;
  readonly known: ModelServer | null;
}

function clientFor(search: Search, { address, port, known }: Target): HttpClient {
  const open = known === null ? null : (search.clientOf?.(known) ?? null);
  if (open !== null) return borrowed(search, open);
  return createHttpClient({
    open: (signal) => openChannel(search, address, port, signal),
    authority: authorityOf(address, port),
    apiKey: search.apiKeyFor(serverId(search.hostId, port)),
    timeoutMs: search.timeoutMs,
  });
}

/** One that is answered anew, and not closed. */
function borrowed(search: Search, client: HttpClient): HttpClient {
  let answered = false;
  return {
    async get(path, signal, long) {
      const answer = await client.get(path, signal, long);
      answered = true;
      search.channelsOpen = true;
      return answer;
    },
    get answered() {
      return answered;
    },
    close: () => undefined,
  };
}

interface Unanswered {
  readonly known: ModelServer | null;
  readonly error: AppError;
}

/** What to say of a port that gives no list; null where that is nothing. */
function withoutList(
  candidate: Candidate,
  { answered }: HttpClient,
  { known, error }: Unanswered,
): Pick<Found, 'described' | 'silent'> | null {
  const { expected, process, pid } = candidate;
  const engine = engineOfProcess(process);
  const isSilent = !answered && error.code.startsWith('server-');
  if (isSilent && !expected && isOddPort(candidate) && pid !== null && engine !== null)
    return { described: { ...nothing, state: starting, engine }, silent: true };
  // What answers otherwise may be something else in its place.
  const before = error.code === 'server-not-openai' ? null : known;
  if (!expected && (before?.engine ?? null) === null) return null;
  const described = { ...nothing, state: failedState(error) };
  return before === null
    ? { described, silent: false }
    : { described: { ...described, engine: before.engine, version: before.version }, silent: false };
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
