/** What engines say of themselves beside their list, each at a path of its own. Nothing here throws. Pure. */

import * as z from 'zod/mini';
import type { EngineKind } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import {
  cleanId,
  type ListedModel,
  type Listing,
  mostModels,
  oncePerId,
  optionalCount,
  optionalText,
} from './listing.ts';

/** The version of a server and the context length that all its models have; null where it does not say them. */
export interface Facts {
  readonly version: string | null;
  readonly contextLength: number | null;
}

/** Reads `GET /version` of vLLM (`{"version":"0.8.4"}`) and `GET /api/version` of Ollama; null for anything else. */
export function parseVersion(body: string): string | null {
  return cleanVersion(read(z.object({ version: z.string() }), body)?.version ?? '');
}

/** Reads SGLang's `GET /get_server_info`: all its arguments, and the version (sglang/srt/entrypoints/http_server.py). */
export function parseSglangInfo(body: string): Facts | null {
  const info = read(z.object({ version: optionalText, context_length: optionalCount }), body);
  return info && { version: cleanVersion(info.version), contextLength: info.context_length };
}

const llamaCppProps = z.object({
  build_info: z.catch(z.union([z.string(), z.object({ version: z.string() })]), ''),
  n_ctx: optionalCount,
  default_generation_settings: z.catch(z.object({ n_ctx: optionalCount }), { n_ctx: null }),
});

/** Reads llama.cpp's `GET /props` (tools/server). Its context length is that of one request; a router says 0. */
export function parseLlamaCppProps(body: string): Facts | null {
  const props = read(llamaCppProps, body);
  if (props === null) return null;
  const { build_info: build, default_generation_settings: settings } = props;
  return {
    version: cleanVersion(typeof build === 'string' ? build : build.version),
    contextLength: settings.n_ctx ?? props.n_ctx,
  };
}

const tgiInfo = z.object({
  model_id: z.string().check(z.minLength(1)),
  version: optionalText,
  router: optionalText,
  max_total_tokens: optionalCount,
  max_input_length: optionalCount,
});

export interface Info extends Listing {
  readonly version: string | null;
}

/**
 * Reads `GET /info` of text-generation-inference (router/src/lib.rs), whose context length is `max_total_tokens`, and of
 * its sister for embeddings, which has only `max_input_length`.
 */
export function parseInfo(body: string): Info | null {
  const info = read(tgiInfo, body);
  if (info === null) return null;
  const generates = info.max_total_tokens !== null || info.router === 'text-generation-router';
  const engine: EngineKind = generates ? 'tgi' : 'openai';
  const maxModelLen = info.max_total_tokens ?? info.max_input_length;
  const model = { id: cleanId(info.model_id), maxModelLen, parent: null, loaded: null };
  return { engine, models: [{ ...model, isEmbedding: !generates }], version: cleanVersion(info.version) };
}

const ollamaList = z.object({ models: z.nullable(z.array(z.unknown())) });
const ollamaModel = z.object({
  name: z.string().check(z.minLength(1)),
  model: optionalText,
  context_length: optionalCount,
});

/**
 * Reads Ollama's `GET /api/tags` (the models it can load) and `GET /api/ps` (those that are loaded, in newer releases
 * with the context length they were loaded with): api/types.go.
 */
export function parseOllamaModels(body: string): readonly ListedModel[] | null {
  const list = read(ollamaList, body);
  if (list === null) return null;
  const raw = (list.models ?? []).slice(0, mostModels);
  const models = raw.flatMap((item) => {
    const { success, data } = ollamaModel.safeParse(item);
    if (!success) return [];
    const id = cleanId(data.model || data.name);
    return { id, maxModelLen: data.context_length, parent: null, loaded: null, isEmbedding: false };
  });
  return raw.length > 0 && models.length === 0 ? null : oncePerId(models);
}

/** Reads vLLM's `GET /is_sleeping`, `{"is_sleeping":true}`; it is there in its development mode only. */
export function parseIsSleeping(body: string): boolean {
  return read(z.object({ is_sleeping: z.boolean() }), body)?.is_sleeping ?? false;
}

/** Whether a `503` is llama.cpp's `{"error":{"message":"Loading model"}}` (tools/server/server-http.cpp). */
export function saysLoading(body: string): boolean {
  const message = read(z.object({ error: z.object({ message: z.string() }) }), body)?.error.message ?? '';
  return /^loading model/i.test(message);
}

/** Whether a refusal is in the form of OpenAI's, as every engine answers: `{"error":...}`. */
export function isOpenAiError(body: string): boolean {
  const error = read(z.object({ error: z.unknown() }), body)?.error;
  return typeof error === 'string' || (typeof error === 'object' && error !== null);
}

function read<Schema extends z.ZodMiniType>(schema: Schema, body: string): z.infer<Schema> | null {
  try {
    const parsed = schema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON: another server's page.
    return null;
  }
}

function cleanVersion(raw: string): string | null {
  return plainText(raw, 60) || null;
}
