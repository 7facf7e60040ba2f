/** Says what a port is that answers HTTP: a model server of some engine, and in which state, or none. */

import { AppError } from '#common/failure.ts';
import { type EngineKind, hasLoad, type ModelServer, type ServerState } from '#common/servers.ts';
import { type Ask, badStatus, isOpenAiError, starting, up } from './answers.ts';
import type { Candidate } from './candidates.ts';
import { type Identified, type Known, unnamed } from './engines/engine.ts';
import { allEngines, engines } from './engines/registry.ts';
import type { HttpAnswer, HttpClient } from './http.ts';
import { type Listing, parseModelList } from './listing.ts';
import { type ListedModel, withContext } from './model-cards.ts';
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

export const nothing = { engine: null, version: null, models: [] } as const;

/**
 * Asks a server for its models, and at the first look for all else. One that is known, and lists the same models as
 * before, is asked for its list alone, and for what its engine says anew each time.
 * Errors: those of {@link HttpClient.get}, `server-not-openai` and `server-error` for any other answer.
 */
export async function describeServer(asked: Asked): Promise<Described> {
  const { client, known, signal } = asked;
  const ask = untilSilent(client, signal);
  const settled = settledOf(known);
  const relist = settled === null ? undefined : engines[settled.engine].relist;
  if (settled !== null && relist !== undefined) {
    const models = await relist(ask);
    if (models !== null) return { state: up, engine: settled.engine, version: settled.version, models };
  }
  const answer = await client.get('/v1/models', signal);
  const look = (listing: Listing): Promise<Identified> =>
    settled !== null && listsTheSame(listing, settled)
      ? lookAgain(ask, listing, settled)
      : lookFirst(ask, listing, answer.server);
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
function untilSilent(client: HttpClient, signal: AbortSignal): Ask {
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

async function lookFirst(ask: Ask, { engine, models }: Listing, server: string): Promise<Identified> {
  const found = await engines[engine].identify(ask, { state: up, engine, version: null, models });
  if (found.engine !== unnamed && !engines[found.engine].isBuiltUpon) return found;
  for (const { adopt, proxyHeader } of allEngines) {
    if (found.version !== null && !proxyHeader?.test(server)) continue;
    const adopted = await adopt?.(ask, found);
    if (adopted) return adopted;
  }
  return found;
}

async function lookAgain(ask: Ask, { models }: Listing, known: Known): Promise<Identified> {
  const { engine, version } = known;
  const found = { state: up, engine, version, models: withContext(models, known.models) };
  return (await engines[engine].refresh?.(ask, found, known)) ?? found;
}

/** An engine that does not say its name, or lists no model that would, may be known otherwise. */
function listingOf({ candidate }: Asked, { server, body, contentType }: HttpAnswer): Listing {
  const listing = parseModelList(body, contentType);
  if (listing.engine !== unnamed) return listing;
  const byPort = listing.models.length === 0 ? engineOfPort(candidate.port) : null;
  const engine = engineOfHeader(server) ?? engineOfProcess(candidate.process) ?? byPort;
  return { ...listing, engine: engine ?? listing.engine };
}

function engineOfHeader(server: string): EngineKind | null {
  return server === ''
    ? null
    : (allEngines.find(({ serverHeader }) => serverHeader === server)?.kind ?? null);
}

function engineOfPort(port: number): EngineKind | null {
  return allEngines.find(({ usualPort }) => usualPort === port)?.kind ?? null;
}

/** A server of which everything is known that its engine says. */
function settledOf(known: ModelServer | null): Known | null {
  if (known === null || known.engine === null) return null;
  const { engine, state, version } = known;
  const answers = state.kind === 'lost' || hasLoad(state);
  return answers && (version !== null || !engines[engine].hasVersion) ? { ...known, engine } : null;
}

function listsTheSame({ engine, models }: Listing, known: Known): boolean {
  const ids = new Set(known.models.map(({ id }) => id));
  const sameEngine = engine === unnamed || engine === known.engine;
  return sameEngine && models.length === ids.size && models.every(({ id }) => ids.has(id));
}

/** A refusal alone says little: many a service that serves no models wants a password. */
async function describeLocked({ candidate, known }: Asked, answer: HttpAnswer, ask: Ask): Promise<Described> {
  const locked = { ...nothing, state: { kind: 'locked' } } as const;
  const engine = known?.engine ?? engineOfHeader(answer.server);
  if (engine !== null) return { ...locked, engine, version: known?.version ?? null };
  if (!candidate.expected && !isOpenAiError(answer.body)) throw badStatus(answer);
  for (const { kind, versionWithoutKey } of allEngines) {
    const version = (await versionWithoutKey?.(ask)) ?? null;
    if (version !== null) return { ...locked, engine: kind, version };
  }
  return { ...locked, engine: engineOfProcess(candidate.process) };
}

function describeStarting({ candidate, known }: Asked, answer: HttpAnswer): Described {
  const byBody = allEngines.find(({ saysLoading }) => saysLoading?.(answer.body))?.kind ?? null;
  const engine =
    engineOfHeader(answer.server) ?? byBody ?? known?.engine ?? engineOfProcess(candidate.process);
  if (engine === null) throw badStatus(answer);
  return { ...nothing, state: starting, engine };
}

/** Of releases without `/v1/models`. */
async function olderListing({ candidate, known }: Asked, answer: HttpAnswer, ask: Ask): Promise<Listing> {
  const expected = known?.engine ?? engineOfProcess(candidate.process);
  for (const { kind, listOlder } of allEngines) {
    const isExpected = kind === expected;
    const listing = await listOlder?.(ask, { answer, port: candidate.port, isExpected });
    if (listing) return listing;
  }
  throw badStatus(answer);
}
