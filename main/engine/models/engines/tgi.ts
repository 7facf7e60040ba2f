/** text-generation-inference: router/src/lib.rs and router/src/server.rs. */

import * as z from 'zod/mini';
import type { EngineKind } from '#common/servers.ts';
import { badStatus, cleanVersion, failedState, okBody, readJson, up } from '../answers.ts';
import { cleanId, type ListedModel, optionalCount, optionalText, withContext } from '../model-cards.ts';
import { type Engine, unnamed } from './engine.ts';

export const tgi: Engine = {
  kind: 'tgi',
  processes: /^text-generation/i,
  owners: [],
  // It writes the model's own name there.
  wrote: ({ id, owned_by }) => owned_by === id,
  hasVersion: true,
  // It listens when its model is loaded; a 503 from /health is a model that has stopped working.
  async identify(ask, found) {
    const info = parseInfo(okBody(await ask('/info')));
    const models = info === null ? found.models : withContext(found.models, info.models);
    const health = await ask('/health');
    const state = health?.status === 503 ? failedState(badStatus(health)) : up;
    return { ...found, state, version: info?.version ?? null, models };
  },
  // Its 404 is empty.
  listOlder: async (ask, { answer, isExpected }) =>
    isExpected || (answer.status === 404 && answer.body === '')
      ? parseInfo(okBody(await ask('/info')))
      : null,
  health: { path: '/health' },
  metrics: {
    paths: ['/metrics'],
    labels: {},
    tokensCount: 'at-the-end',
    numbers: {
      running: ['tgi_batch_current_size'],
      waiting: ['tgi_queue_size'],
      promptTokens: ['tgi_request_input_length_sum'],
      generationTokens: ['tgi_request_generated_tokens_sum'],
    },
    histograms: {
      interToken: ['tgi_request_mean_time_per_token_duration'],
      endToEnd: ['tgi_request_duration'],
    },
  },
};

const infoSchema = z.object({
  model_id: z.string().check(z.minLength(1)),
  version: optionalText,
  router: optionalText,
  max_total_tokens: optionalCount,
  max_input_length: optionalCount,
});

interface Info {
  readonly engine: EngineKind;
  readonly models: readonly ListedModel[];
  readonly version: string | null;
}

/**
 * Reads `GET /info`, whose context length is `max_total_tokens`, and that of its sister for embeddings, which has only
 * `max_input_length`.
 */
export function parseInfo(body: string): Info | null {
  const info = readJson(infoSchema, body);
  if (info === null) return null;
  const generates = info.max_total_tokens !== null || info.router === 'text-generation-router';
  const maxModelLen = info.max_total_tokens ?? info.max_input_length;
  const model = { id: cleanId(info.model_id), maxModelLen, parent: null, loaded: null };
  return {
    engine: generates ? 'tgi' : unnamed,
    models: [{ ...model, isEmbedding: !generates }],
    version: cleanVersion(info.version),
  };
}
