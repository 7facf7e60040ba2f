/** Says what a port is that answers HTTP: a model server of some engine, and in which state, or none. */

import { AppError } from '#common/errors.ts';
import type { EngineKind, ModelServer, ServerState } from '#common/model.ts';
import { isOpenAiError, parseInfo, parseOllamaModels, parseVersion, saysLoading } from './answers.ts';
import type { Candidate } from './candidates.ts';
import {
  type Ask,
  askLmStudio,
  badStatus,
  type Known,
  lookAgain,
  lookFirst,
  okBody,
  starting,
  type Told,
  up,
} from './engines.ts';
import type { HttpAnswer, HttpClient } from './http.ts';
import { type ListedModel, type Listing, parseModelList } from './listing.ts';
import { engineOfProcess } from './process-names.ts';

export interface Asked {
  readonly client: HttpClient;
  readonly candidate: Candidate;
  /** What was found at this port and address before; null where nothing was. */
  readonly known: ModelServer | null;
  readonly signal: AbortSignal;
}

export interface Described {
  readonly state: ServerState;
  readonly engine: EngineKind | null;
  readonly version: string | null;
  readonly models: readonly ListedModel[];
}

const ollamaPort = 11_434;

export const nothing = { engine: null, version: null, models: [] } as const;

/**
 * Asks a server for its models, and at the first look for all else. One that is known, and lists the same models as
 * before, is asked for its list alone, of Ollama also for what is loaded.
 * Errors: those of {@link HttpClient.get}, `server-not-openai` and `server-error` for any other answer.
 */
export async function describeServer(asked: Asked): Promise<Described> {
  const { client, known, signal } = asked;
  const ask = politely(client, signal);
  const settled = settledOf(known);
  if (settled?.engine === 'lmstudio') {
    const models = await askLmStudio(ask);
    if (models !== null) return { state: up, engine: settled.engine, version: null, models };
  }
  const look = (listing: Listing): Promise<Told> =>
    settled !== null && listsTheSame(listing, settled)
      ? lookAgain(ask, listing, settled)
      : lookFirst(ask, listing);
  const answer = await client.get('/v1/models', signal);
  switch (answer.status) {
    case 200:
      return await look(listingOf(asked, answer));
    case 401:
    case 403:
      return await describeLocked(asked, answer, ask);
    case 503:
      return describeStarting(asked, answer);
    default:
      return await look(await olderListing(asked, answer, ask));
  }
}

/** After one question that got no answer in time there is no point in more. */
function politely(client: HttpClient, signal: AbortSignal): Ask {
  let silent = false;
  return async (path) => {
    if (silent) return null;
    try {
      return await client.get(path, signal);
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('server-')) throw error;
      silent = error.code === 'server-timeout';
      return null;
    }
  };
}

/** An engine that does not say its name, or lists no model that would, may be known otherwise. */
function listingOf({ candidate }: Asked, { server, body, contentType }: HttpAnswer): Listing {
  const listing = parseModelList(body, contentType);
  if (listing.engine !== 'openai') return listing;
  const engine = server === 'llama.cpp' ? 'llama.cpp' : engineOfProcess(candidate.process);
  const isEmptyOllama = listing.models.length === 0 && candidate.port === ollamaPort;
  return { ...listing, engine: engine ?? (isEmptyOllama ? 'ollama' : 'openai') };
}

/** A server of which everything is known that its engine says. */
function settledOf(known: ModelServer | null): Known | null {
  if (known === null || known.engine === null) return null;
  const { engine, state, version } = known;
  const answers = state.kind === 'up' || state.kind === 'sleeping';
  const complete = version !== null || engine === 'lmstudio' || engine === 'openai';
  return answers && complete ? { ...known, engine } : null;
}

function listsTheSame({ engine, models }: Listing, known: Known): boolean {
  const ids = new Set(known.models.map(({ id }) => id));
  const sameEngine = engine === 'openai' || engine === known.engine;
  return sameEngine && models.length === ids.size && models.every(({ id }) => ids.has(id));
}

/** A refusal alone says little: many a service that serves no models wants a password. */
async function describeLocked({ candidate, known }: Asked, answer: HttpAnswer, ask: Ask): Promise<Described> {
  const locked = { ...nothing, state: { kind: 'locked' } } as const;
  const engine = known?.engine ?? (answer.server === 'llama.cpp' ? 'llama.cpp' : null);
  if (engine !== null) return { ...locked, engine, version: known?.version ?? null };
  if (!candidate.expected && !isOpenAiError(answer.body)) throw badStatus(answer);
  // vLLM wants the key for what is under /v1 only.
  const version = parseVersion(okBody(await ask('/version')));
  return { ...locked, engine: version === null ? engineOfProcess(candidate.process) : 'vllm', version };
}

function describeStarting({ candidate, known }: Asked, answer: HttpAnswer): Described {
  const isLlamaCpp = answer.server === 'llama.cpp' || saysLoading(answer.body);
  const engine = isLlamaCpp ? 'llama.cpp' : (known?.engine ?? engineOfProcess(candidate.process));
  if (engine === null) throw badStatus(answer);
  return { ...nothing, state: starting, engine };
}

/** Of releases without `/v1/models`: text-generation-inference, whose 404 is empty, and Ollama. */
async function olderListing({ candidate, known }: Asked, answer: HttpAnswer, ask: Ask): Promise<Listing> {
  const engine = known?.engine ?? engineOfProcess(candidate.process);
  if (engine === 'tgi' || (answer.status === 404 && answer.body === '')) {
    const info = parseInfo(okBody(await ask('/info')));
    if (info !== null) return info;
  }
  if (engine === 'ollama' || candidate.port === ollamaPort) {
    const models = parseOllamaModels(okBody(await ask('/api/tags')));
    if (models !== null) return { engine: 'ollama', models };
  }
  throw badStatus(answer);
}
