/** The entries of an OpenAI-style list of models, by whichever server, with what each kind adds to them. Pure. */

import * as z from 'zod/mini';
import { AppError } from '#common/failure.ts';
import type { Model } from '#common/servers.ts';
import { plainText } from '#common/text.ts';
import { isNone } from './python.ts';

/** A model as its server lists it. */
export interface ListedModel extends Model {
  /** Whether it is in memory; null where the server does not say. */
  readonly loaded: boolean | null;
  readonly isEmbedding: boolean;
}

export const mostModels = 500;
/** Python's `None` as text is nothing: some servers write `str(value)` of what is not there. */
export const optionalText = z.catch(
  z.pipe(
    z.string(),
    z.transform((text) => (isNone(text) ? '' : text)),
  ),
  '',
);
export const optionalCount = z.catch(z.nullable(z.int().check(z.positive())), null);

/** A server without a model may answer `"data":null`. */
const listSchema = z.object({ object: optionalText, data: z.nullable(z.array(z.unknown())) });

const noMeta = { n_ctx: null, n_ctx_train: null };

/** Only the id must be there; every other field is taken when it has the right shape. Which server writes which: engines/. */
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
  context_window: optionalCount,
});

/** One entry as it came. */
export type ModelCard = z.infer<typeof modelSchema>;

/** Reads the body of a `200`. Error: `server-not-openai`, whose detail says what the answer was instead. */
export function parseModelCards(body: string, contentType = ''): readonly ModelCard[] {
  const list = listSchema.safeParse(parseJson(body, contentType));
  const raw = list.success
    ? (list.data.data ?? []).slice(0, mostModels).map((item) => modelSchema.safeParse(item))
    : [];
  const cards = raw.flatMap((card) => (card.success ? card.data : []));
  // An empty list is a server without a model only where it calls itself a list.
  if (!list.success || (cards.length === 0 && (raw.length > 0 || list.data.object !== 'list')))
    throw notOpenAi('JSON of another shape');
  return cards;
}

/** The models of these entries, each id once. */
export function modelsOf(cards: readonly ModelCard[]): readonly ListedModel[] {
  const ids = new Set(cards.map(({ id }) => id));
  return oncePerId(cards.map((card) => toModel(card, ids)));
}

/** Each id once: it identifies rows and metrics. */
export function oncePerId(models: readonly ListedModel[]): readonly ListedModel[] {
  return [...new Map(models.map((model) => [model.id, model])).values()];
}

/** The name of a model as it is shown. */
export function cleanId(id: string): string {
  return plainText(id, 300);
}

/** The models of `listed` with the context lengths of `known` before their own. */
export function withContext(listed: readonly ListedModel[], known: readonly Model[]): readonly ListedModel[] {
  const lengths = new Map(known.map(({ id, maxModelLen }) => [id, maxModelLen]));
  return listed.map((model) => ({ ...model, maxModelLen: lengths.get(model.id) ?? model.maxModelLen }));
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
function toModel(card: ModelCard, ids: ReadonlySet<string>): ListedModel {
  return {
    id: cleanId(card.id),
    maxModelLen:
      card.max_model_len ??
      card.loaded_context_length ??
      card.max_context_length ??
      card.context_window ??
      card.meta.n_ctx ??
      card.meta.n_ctx_train,
    parent: cleanId(parentOf(card, ids)) || null,
    loaded: loadedOf(card),
    isEmbedding: card.type === 'embeddings',
  };
}

/** Old releases name the base of an adapter as its root, and leave its context length out. */
function parentOf({ id, root, parent, max_model_len }: ModelCard, ids: ReadonlySet<string>): string {
  if (parent !== '') return parent;
  return max_model_len === null && root !== id && ids.has(root) ? root : '';
}

function loadedOf({ state, status }: ModelCard): boolean | null {
  if (state !== '') return state === 'loaded';
  return status.value === '' ? null : status.value === 'loaded';
}
