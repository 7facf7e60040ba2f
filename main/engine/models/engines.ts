/** What to ask of each engine beside its list: everything at the first look, little at later ones. */

import { AppError, toFailure } from '#common/errors.ts';
import type { EngineKind, Model, ModelServer, ServerState } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import {
  parseInfo,
  parseIsSleeping,
  parseLlamaCppProps,
  parseOllamaModels,
  parseSglangInfo,
  parseVersion,
} from './answers.ts';
import type { HttpAnswer } from './http.ts';
import { type ListedModel, type Listing, parseModelList } from './listing.ts';

/** Asks for one more path; null where that is not answered, which is no failure of a server that has given its list. */
export type Ask = (path: string) => Promise<HttpAnswer | null>;

export interface Told {
  readonly state: ServerState;
  readonly engine: EngineKind;
  readonly version: string | null;
  readonly models: readonly ListedModel[];
}

export const up: ServerState = { kind: 'up' };
export const starting: ServerState = { kind: 'starting' };

/** What a server with this list is; `state` and `version` are those of a server of which nothing more is known. */
export async function lookFirst(ask: Ask, listing: Listing): Promise<Told> {
  const { engine, models } = listing;
  const told: Told = { state: up, engine, version: null, models };
  switch (engine) {
    case 'vllm':
      return await lookAtVllm(ask, told);
    case 'sglang':
      return await lookAtSglang(ask, told);
    case 'tgi':
      return await lookAtTgi(ask, told);
    case 'llama.cpp':
      return await lookAtLlamaCpp(ask, told);
    case 'ollama':
      return await lookAtOllama(ask, told);
    case 'lmstudio':
      return { ...told, models: (await askLmStudio(ask)) ?? models };
    case 'openai':
      // vLLM behind another name: beside SGLang, which says its name, only it gives a context length.
      return models.some(({ maxModelLen }) => maxModelLen !== null) ? await lookAtVllm(ask, told) : told;
  }
}

export interface Known extends ModelServer {
  readonly engine: EngineKind;
}

/** The same of a server that has been looked at before, and still lists the same. */
export async function lookAgain(ask: Ask, listing: Listing, known: Known): Promise<Told> {
  const { engine, version } = known;
  const models = withContext(listing.models, known.models);
  const told: Told = { state: up, engine, version, models };
  if (engine === 'ollama') return { ...told, models: await withLoaded(ask, models) };
  return known.state.kind === 'sleeping' ? { ...told, state: await askSleeping(ask) } : told;
}

/** A `503` from `/health` is an engine that is not there yet, or no more (vllm/entrypoints/openai/api_server.py). */
async function lookAtVllm(ask: Ask, told: Told): Promise<Told> {
  const version = parseVersion(okBody(await ask('/version')));
  if (told.engine === 'openai' && version === null) return told;
  const known: Told = { ...told, engine: 'vllm', version };
  if (await isUnavailable(ask)) return { ...known, state: starting };
  return { ...known, state: await askSleeping(ask) };
}

/** While it warms up it gives its list, and `503` for `/health` (sglang/srt/entrypoints/http_server.py). */
async function lookAtSglang(ask: Ask, told: Told): Promise<Told> {
  const old = await ask('/get_server_info');
  const facts = parseSglangInfo(okBody(old?.status === 404 ? await ask('/server_info') : old));
  const models = withDefaultContext(told.models, facts?.contextLength ?? null);
  const state = (await isUnavailable(ask)) ? starting : up;
  return { ...told, state, version: facts?.version ?? null, models };
}

/** It listens when its model is loaded; a `503` from `/health` is a model that has stopped working (router/src/server.rs). */
async function lookAtTgi(ask: Ask, told: Told): Promise<Told> {
  const info = parseInfo(okBody(await ask('/info')));
  const models = info === null ? told.models : withContext(told.models, info.models);
  const health = await ask('/health');
  const state = health?.status === 503 ? failedState(badStatus(health)) : up;
  return { ...told, state, version: info?.version ?? null, models };
}

/** Its list needs no key and, in some releases, no loaded model either (tools/server/server-http.cpp). */
async function lookAtLlamaCpp(ask: Ask, told: Told): Promise<Told> {
  const answer = await ask('/props');
  if (answer?.status === 503) return { ...told, state: starting };
  if (answer?.status === 401) return { ...told, state: { kind: 'locked' } };
  const facts = parseLlamaCppProps(okBody(answer));
  const [model, ...others] = told.models;
  const contextLength = facts?.contextLength ?? null;
  // What the model was trained for is in the list; what it was started with is here.
  const models =
    model !== undefined && others.length === 0 && contextLength !== null
      ? [{ ...model, maxModelLen: contextLength }]
      : told.models;
  return { ...told, version: facts?.version ?? null, models };
}

/** Names with a namespace and a tag are to be found elsewhere too; the version is Ollama's own. */
async function lookAtOllama(ask: Ask, told: Told): Promise<Told> {
  const version = parseVersion(okBody(await ask('/api/version')));
  if (version === null) return { ...told, engine: 'openai' };
  return { ...told, version, models: await withLoaded(ask, told.models) };
}

async function withLoaded(ask: Ask, models: readonly ListedModel[]): Promise<readonly ListedModel[]> {
  const running = parseOllamaModels(okBody(await ask('/api/ps')));
  if (running === null) return models;
  const loaded = new Map(running.map((model) => [model.id, model]));
  return models.map((model) => ({
    ...model,
    maxModelLen: loaded.get(model.id)?.maxModelLen ?? null,
    loaded: loaded.has(model.id),
  }));
}

/** LM Studio's own list, which tells what is loaded, and how; null where it has none (releases before 0.3.6). */
export async function askLmStudio(ask: Ask): Promise<readonly ListedModel[] | null> {
  try {
    const answer = await ask('/api/v0/models');
    return answer?.status === 200 ? parseModelList(answer.body, answer.contentType).models : null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'server-not-openai') return null;
    throw error;
  }
}

async function askSleeping(ask: Ask): Promise<ServerState> {
  return parseIsSleeping(okBody(await ask('/is_sleeping'))) ? { kind: 'sleeping' } : up;
}

async function isUnavailable(ask: Ask): Promise<boolean> {
  return (await ask('/health'))?.status === 503;
}

export function okBody(answer: HttpAnswer | null): string {
  return answer?.status === 200 ? answer.body : '';
}

/** Adapters have that of their base. */
function withDefaultContext(models: readonly ListedModel[], length: number | null): readonly ListedModel[] {
  return models.map((model) =>
    model.parent === null ? { ...model, maxModelLen: model.maxModelLen ?? length } : model,
  );
}

/** The context lengths of `known` go before those of the list. */
function withContext(models: readonly ListedModel[], known: readonly Model[]): readonly ListedModel[] {
  const lengths = new Map(known.map(({ id, maxModelLen }) => [id, maxModelLen]));
  return models.map((model) => ({ ...model, maxModelLen: lengths.get(model.id) ?? model.maxModelLen }));
}

export function badStatus({ status, body }: HttpAnswer): AppError {
  const detail = plainText(`status ${status} ${body}`, 200);
  return new AppError(status >= 500 ? 'server-error' : 'server-not-openai', { step: 'models', detail });
}

export function failedState(error: AppError): ServerState {
  return { kind: 'failed', failure: toFailure(error, 'models') };
}
