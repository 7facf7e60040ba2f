/**
 * NVIDIA NIM for LLMs (https://docs.nvidia.com/nim/large-language-models): another engine in a container, with routes of
 * its own under /v1. Its metrics have the names of the engine inside; before release 2 those of vLLM without their prefix.
 */

import * as z from 'zod/mini';
import { type Ask, cleanVersion, okBody, readJson, starting, up } from '../answers.ts';
import { optionalText } from '../model-cards.ts';
import { type Engine, type Identified, unnamed } from './engine.ts';

export const nim: Engine = {
  kind: 'nim',
  owners: ['system'],
  hasVersion: true,
  proxyHeader: /^nginx\b/,
  identify: async (ask, found) => (await lookAt(ask, found)) ?? { ...found, engine: unnamed },
  // It also lists its models as the engine inside does.
  adopt: async (ask, found) =>
    found.engine === unnamed && found.models.every(({ maxModelLen }) => maxModelLen === null)
      ? null
      : await lookAt(ask, found),
  health: { path: '/v1/health/ready' },
  metrics: {
    paths: ['/v1/metrics', '/metrics'],
    labels: { model_name: 'model', finished_reason: 'part' },
    tokensCount: 'as-they-come',
    numbers: {
      running: ['num_requests_running'],
      waiting: ['num_requests_waiting'],
      kvCacheRatio: ['gpu_cache_usage_perc'],
      promptTokens: ['prompt_tokens_total'],
      generationTokens: ['generation_tokens_total'],
    },
    histograms: {
      ttft: ['time_to_first_token_seconds'],
      interToken: ['time_per_output_token_seconds'],
      endToEnd: ['e2e_request_latency_seconds'],
    },
    finished: ['request_success_total', 'request_finish_total'],
  },
};

/** Null where it is another server. */
async function lookAt(ask: Ask, found: Identified): Promise<Identified | null> {
  const version = parseNimVersion(okBody(await ask('/v1/version')));
  if (version === null) return null;
  const isReady = (await ask('/v1/health/ready'))?.status !== 503;
  return { ...found, engine: 'nim', version, state: isReady ? up : starting };
}

/** Reads `GET /v1/version`, `{"release":"1.10.1","api":"1.10.1"}`: the release; null for anything else. */
export function parseNimVersion(body: string): string | null {
  const version = readJson(z.object({ release: optionalText, api: z.string() }), body);
  return version && cleanVersion(version.release);
}
