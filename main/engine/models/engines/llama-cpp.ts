/** llama.cpp: tools/server (server.cpp, server-http.cpp, server-models.h). */

import * as z from 'zod/mini';
import type { ServerState } from '#common/servers.ts';
import { cleanVersion, okBody, readJson, starting, up } from '../answers.ts';
import { optionalCount } from '../model-cards.ts';
import type { Engine } from './engine.ts';

export const llamaCpp: Engine = {
  kind: 'llama.cpp',
  processes: /^llama[-_]server/i,
  owners: ['llamacpp'],
  serverHeader: 'llama.cpp',
  hasVersion: true,
  isRouter: true,
  // Its list needs no key and, in some releases, no loaded model either.
  async identify(ask, found) {
    const answer = await ask('/props');
    if (answer?.status === 503) return { ...found, state: starting };
    if (answer?.status === 401) return { ...found, state: { kind: 'locked' } };
    const facts = parseProps(okBody(answer));
    const [model, ...others] = found.models;
    const contextLength = facts?.contextLength ?? null;
    // What the model was trained for is in the list; what it was started with is here.
    const models =
      model !== undefined && others.length === 0 && contextLength !== null
        ? [{ ...model, maxModelLen: contextLength }]
        : found.models;
    return { ...found, state: stateOf(facts), version: facts?.version ?? null, models };
  },
  refresh: async (ask, found, { state }) =>
    state.kind === 'sleeping' ? { ...found, state: stateOf(parseProps(okBody(await ask('/props')))) } : found,
  saysLoading,
  health: { path: '/health' },
  metrics: {
    paths: ['/metrics'],
    labels: {},
    tokensCount: 'at-the-end',
    numbers: {
      running: ['llamacpp:requests_processing'],
      waiting: ['llamacpp:requests_deferred'],
      kvCacheRatio: ['llamacpp:kv_cache_usage_ratio'],
      promptTokens: ['llamacpp:prompt_tokens_total'],
      generationTokens: ['llamacpp:tokens_predicted_total'],
      generationSeconds: ['llamacpp:tokens_predicted_seconds_total'],
      // Of the requests that have ended since the last look, in some builds since the start: 0 in between.
      requestRate: ['llamacpp:predicted_tokens_seconds'],
    },
    histograms: {},
    // From December 2025 to August 2026 reading the metrics counts as work, and loads a model that sleeps.
    sleepCheck: { path: '/props', isAsleep: (body) => parseProps(body)?.isSleeping ?? null },
  },
};

function stateOf(props: Props | null): ServerState {
  return props?.isSleeping === true ? { kind: 'sleeping' } : up;
}

const propsSchema = z.object({
  build_info: z.catch(z.union([z.string(), z.object({ version: z.string() })]), ''),
  n_ctx: optionalCount,
  is_sleeping: z.catch(z.nullable(z.boolean()), null),
  default_generation_settings: z.catch(z.object({ n_ctx: optionalCount }), { n_ctx: null }),
});

interface Props {
  readonly version: string | null;
  readonly contextLength: number | null;
  /** Whether its model is put away after a time without work; null in builds that do not do that. */
  readonly isSleeping: boolean | null;
}

/** Reads `GET /props`. Its context length is that of one request; a router says 0. */
export function parseProps(body: string): Props | null {
  const props = readJson(propsSchema, body);
  if (props === null) return null;
  const { build_info: build, default_generation_settings: settings } = props;
  return {
    version: cleanVersion(typeof build === 'string' ? build : build.version),
    contextLength: settings.n_ctx ?? props.n_ctx,
    isSleeping: props.is_sleeping,
  };
}

/** Whether a `503` is `{"error":{"message":"Loading model"}}`. */
export function saysLoading(body: string): boolean {
  const message = readJson(z.object({ error: z.object({ message: z.string() }) }), body)?.error.message ?? '';
  return /^loading model/i.test(message);
}
