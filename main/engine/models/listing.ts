/** What `/v1/models` says: an OpenAI-style list, by whichever engine, with what each adds to it. Pure. */

import * as z from 'zod/mini';
import { AppError } from '#common/errors.ts';
import type { EngineKind, Model } from '#common/model.ts';
import { plainText } from '#common/text.ts';

/** A model as its server lists it. */
export interface ListedModel extends Model {
  /** Whether it is in memory; null where the server does not say. */
  readonly loaded: boolean | null;
  readonly isEmbedding: boolean;
}

export interface Listing {
  readonly models: readonly ListedModel[];
  readonly engine: EngineKind;
}

export const mostModels = 500;
export const optionalText = z.catch(z.string(), '');
export const optionalCount = z.catch(z.nullable(z.int().check(z.positive())), null);

/** Ollama without a model answers `"data":null`. */
const listSchema = z.object({ object: optionalText, data: z.nullable(z.array(z.unknown())) });

const noMeta = { n_ctx: null, n_ctx_train: null };

/**
 * Only the id must be there; every other field is taken when it has the right shape.
 *
 * - vLLM (vllm/entrypoints/openai, ModelCard): `owned_by`, `root`, `parent`, `max_model_len`; SGLang
 *   (sglang/srt/entrypoints/openai/protocol.py) the same
 * - llama.cpp (tools/server): `meta`, and as a router `status` (server-models.h)
 * - LM Studio (`/api/v0/models`): `type`, `state`, `max_context_length`, `loaded_context_length`
 */
const modelSchema = z.object({
  id: z.string().check(z.minLength(1)),
  owned_by: optionalText,
  root: optionalText,
  parent: optionalText,
  max_model_len: optionalCount,
  meta: z.catch(z.object({ n_ctx: optionalCount, n_ctx_train: optionalCount }), noMeta),
  status: z.catch(z.object({ value: optionalText }), { value: '' }),
  type: optionalText,
  state: optionalText,
  max_context_length: optionalCount,
  loaded_context_length: optionalCount,
});

type RawModel = z.infer<typeof modelSchema>;

/**
 * Reads the body of a `200` to `GET /v1/models`, and to LM Studio's `GET /api/v0/models`.
 * Error: `server-not-openai`, whose detail says what the answer was instead.
 */
export function parseModelList(body: string, contentType = ''): Listing {
  const list = listSchema.safeParse(parseJson(body, contentType));
  const raw = list.success
    ? (list.data.data ?? []).slice(0, mostModels).map((item) => modelSchema.safeParse(item))
    : [];
  const models = raw.flatMap((model) => (model.success ? model.data : []));
  // An empty list is a server without a model only where it calls itself a list.
  if (!list.success || (models.length === 0 && (raw.length > 0 || list.data.object !== 'list')))
    throw notOpenAi('JSON of another shape');
  const ids = new Set(models.map(({ id }) => id));
  return { models: oncePerId(models.map((model) => toModel(model, ids))), engine: engineOf(models) };
}

/** Each id once: rows and metrics are told apart by it. */
export function oncePerId(models: readonly ListedModel[]): readonly ListedModel[] {
  return [...new Map(models.map((model) => [model.id, model])).values()];
}

function parseJson(body: string, contentType: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    const html =
      contentType === 'text/html' || /^\s*<(?:!doctype|html|head|body)\b/i.test(body.slice(0, 1000));
    if (html) throw notOpenAi('an HTML page');
    if (body.trim() === '') throw notOpenAi('an empty answer');
    throw notOpenAi(/^\s*[{[]/.test(body.slice(0, 1000)) ? 'broken JSON' : 'text that is not JSON');
  }
}

function notOpenAi(what: string): AppError {
  return new AppError('server-not-openai', { step: 'models', detail: `it answered with ${what}` });
}

/** The id is cleaned for display; a clean one, as every engine makes them, stays exactly what requests must name. */
function toModel(raw: RawModel, ids: ReadonlySet<string>): ListedModel {
  return {
    id: cleanId(raw.id),
    maxModelLen:
      raw.max_model_len ??
      raw.loaded_context_length ??
      raw.max_context_length ??
      raw.meta.n_ctx ??
      raw.meta.n_ctx_train,
    parent: cleanId(parentOf(raw, ids)) || null,
    loaded: loadedOf(raw),
    isEmbedding: raw.type === 'embeddings',
  };
}

/** The name of a model as it is shown. */
export function cleanId(id: string): string {
  return plainText(id, 300);
}

/** Old releases of vLLM name the base of an adapter as its root, and leave its context length out. */
function parentOf({ id, root, parent, max_model_len }: RawModel, ids: ReadonlySet<string>): string {
  if (parent !== '') return parent;
  return max_model_len === null && root !== id && ids.has(root) ? root : '';
}

function loadedOf({ state, status }: RawModel): boolean | null {
  if (state !== '') return state === 'loaded';
  return status.value === '' ? null : status.value === 'loaded';
}

/** The name each engine writes into `owned_by`, from its source. */
const owners: Readonly<Record<string, EngineKind>> = {
  vllm: 'vllm',
  sglang: 'sglang',
  llamacpp: 'llama.cpp',
  library: 'ollama',
  organization_owner: 'lmstudio',
};

function engineOf(models: readonly RawModel[]): EngineKind {
  for (const { id, owned_by: owner } of models) {
    const engine = Object.hasOwn(owners, owner) ? owners[owner] : undefined;
    if (engine !== undefined) return engine;
    // text-generation-inference writes the model's own name there.
    if (owner === id) return 'tgi';
    // Ollama writes the namespace of the name: `unsloth` of `hf.co/unsloth/gemma:Q4_K_M`.
    if (owner !== '' && /^[^:]*:[^/:]+$/.test(id) && id.split('/').at(-2) === owner) return 'ollama';
  }
  return 'openai';
}
