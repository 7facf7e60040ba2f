/** What `/v1/models` and `/version` say: an OpenAI-style list, by whichever engine. Pure. */

import * as z from 'zod/mini';
import { AppError } from '#common/errors.ts';
import type { EngineKind, Model } from '#common/model.ts';
import { plainText } from '#common/text.ts';

export interface Listing {
  readonly models: readonly Model[];
  readonly engine: EngineKind;
}

const mostModels = 500;
const optionalText = z.catch(z.string(), '');

const listSchema = z.object({ object: optionalText, data: z.array(z.unknown()) });

/** Only the id must be there; every other field is taken when it has the right shape. */
const modelSchema = z.object({
  id: z.string().check(z.minLength(1)),
  owned_by: optionalText,
  parent: optionalText,
  max_model_len: z.catch(z.nullable(z.int().check(z.positive())), null),
});

type RawModel = z.infer<typeof modelSchema>;

/**
 * Reads the body of a `200` to `GET /v1/models`.
 * Error: `server-not-openai`, whose detail says what the answer was instead.
 */
export function parseModelList(body: string, contentType = ''): Listing {
  const list = listSchema.safeParse(parseJson(body, contentType));
  const raw = list.success
    ? list.data.data.slice(0, mostModels).map((item) => modelSchema.safeParse(item))
    : [];
  const models = raw.flatMap((model) => (model.success ? model.data : []));
  // An empty list is a server without a model only where it calls itself a list.
  if (!list.success || (models.length === 0 && (raw.length > 0 || list.data.object !== 'list')))
    throw notOpenAi('JSON of another shape');
  return { models: models.map(toModel), engine: engineOf(models) };
}

/** Reads the body of `GET /version` as vLLM answers it, `{"version":"0.8.4"}`; null for anything else. Never throws. */
export function parseVersion(body: string): string | null {
  try {
    const parsed = z.object({ version: z.string() }).safeParse(JSON.parse(body));
    return parsed.success ? plainText(parsed.data.version, 60) || null : null;
  } catch {
    // Not JSON: another server's page.
    return null;
  }
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
function toModel(raw: RawModel): Model {
  return {
    id: plainText(raw.id, 300),
    maxModelLen: raw.max_model_len,
    parent: plainText(raw.parent, 300) || null,
  };
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
  }
  return 'openai';
}
