/** Ollama: server/routes.go, openai/openai.go and api/types.go. It has no metrics. */

import * as z from 'zod/mini';
import { type Ask, okBody, parseVersion, readJson } from '../answers.ts';
import {
  cleanId,
  type ListedModel,
  mostModels,
  oncePerId,
  optionalCount,
  optionalText,
} from '../model-cards.ts';
import { type Engine, unnamed } from './engine.ts';

const usualPort = 11_434;

export const ollama: Engine = {
  kind: 'ollama',
  processes: /^ollama/i,
  owners: ['library'],
  // It writes the namespace of the name: `unsloth` of `hf.co/unsloth/gemma:Q4_K_M`.
  wrote: ({ id, owned_by: owner }) =>
    owner !== '' && /^[^:]*:[^/:]+$/.test(id) && id.split('/').at(-2) === owner,
  usualPort,
  hasVersion: true,
  // Names with a namespace and a tag are to be found elsewhere too; the version is its own.
  async identify(ask, found) {
    const version = parseVersion(okBody(await ask('/api/version')));
    if (version === null) return { ...found, engine: unnamed };
    return { ...found, version, models: await withLoaded(ask, found.models) };
  },
  refresh: async (ask, found) => ({ ...found, models: await withLoaded(ask, found.models) }),
  async listOlder(ask, { port, isExpected }) {
    if (!isExpected && port !== usualPort) return null;
    const models = parseOwnList(okBody(await ask('/api/tags')));
    return models && { engine: 'ollama', models };
  },
  health: null,
  metrics: null,
};

async function withLoaded(ask: Ask, models: readonly ListedModel[]): Promise<readonly ListedModel[]> {
  const running = parseOwnList(okBody(await ask('/api/ps')));
  if (running === null) return models;
  const loaded = new Map(running.map((model) => [model.id, model]));
  return models.map((model) => ({
    ...model,
    maxModelLen: loaded.get(model.id)?.maxModelLen ?? null,
    loaded: loaded.has(model.id),
  }));
}

const listSchema = z.object({ models: z.nullable(z.array(z.unknown())) });
const modelSchema = z.object({
  name: z.string().check(z.minLength(1)),
  model: optionalText,
  context_length: optionalCount,
});

/**
 * Reads `GET /api/tags` (the models it can load) and `GET /api/ps` (those that are loaded, in newer releases with the
 * context length they were loaded with).
 */
export function parseOwnList(body: string): readonly ListedModel[] | null {
  const list = readJson(listSchema, body);
  if (list === null) return null;
  const raw = (list.models ?? []).slice(0, mostModels);
  const models = raw.flatMap((item) => {
    const { success, data } = modelSchema.safeParse(item);
    if (!success) return [];
    const id = cleanId(data.model || data.name);
    return { id, maxModelLen: data.context_length, parent: null, loaded: null, isEmbedding: false };
  });
  return raw.length > 0 && models.length === 0 ? null : oncePerId(models);
}
