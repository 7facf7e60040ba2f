/** vLLM: vllm/entrypoints/openai (api_server.py, ModelCard), vllm/v1/metrics/loggers.py, and vllm/engine/metrics.py before. */

import * as z from 'zod/mini';
import type { ServerState } from '#common/servers.ts';
import { type Ask, isUnavailable, okBody, parseVersion, readJson, starting, up } from '../answers.ts';
import { type Engine, type Identified, unnamed } from './engine.ts';

export const vllm: Engine = {
  kind: 'vllm',
  processes: /^vllm/i,
  innerProcesses: /^VLLM::(?:Eng|Work|DP|Ro)/i,
  owners: ['vllm'],
  hasVersion: true,
  isBuiltUpon: true,
  identify: async (ask, found) =>
    await lookAt(ask, { ...found, version: parseVersion(okBody(await ask('/version'))) }),
  // Behind another name: beside those who say their own, only it gives a context length.
  async adopt(ask, found) {
    if (found.engine !== unnamed || found.models.every(({ maxModelLen }) => maxModelLen === null))
      return null;
    const version = parseVersion(okBody(await ask('/version')));
    return version === null ? null : await lookAt(ask, { ...found, engine: 'vllm', version });
  },
  refresh: async (ask, found, { state }) =>
    state.kind === 'sleeping' ? { ...found, state: await askSleeping(ask) } : found,
  // It wants the key for what is under /v1 only.
  versionWithoutKey: async (ask) => parseVersion(okBody(await ask('/version'))),
  health: { path: '/health' },
  metrics: {
    paths: ['/metrics'],
    // One engine per data parallel rank; tensor parallel ranks report through it.
    labels: { model_name: 'model', engine: 'part', finished_reason: 'part' },
    tokensCount: 'as-they-come',
    numbers: {
      running: ['vllm:num_requests_running'],
      waiting: ['vllm:num_requests_waiting'],
      kvCacheRatio: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
      preemptions: ['vllm:num_preemptions_total', 'vllm:num_preemptions'],
      promptTokens: ['vllm:prompt_tokens_total', 'vllm:prompt_tokens'],
      generationTokens: ['vllm:generation_tokens_total', 'vllm:generation_tokens'],
      cacheQueries: [
        'vllm:prefix_cache_queries_total',
        'vllm:prefix_cache_queries',
        'vllm:gpu_prefix_cache_queries_total',
        'vllm:gpu_prefix_cache_queries',
      ],
      cacheHits: [
        'vllm:prefix_cache_hits_total',
        'vllm:prefix_cache_hits',
        'vllm:gpu_prefix_cache_hits_total',
        'vllm:gpu_prefix_cache_hits',
      ],
      cacheHitRatio: ['vllm:gpu_prefix_cache_hit_rate'],
      promptRate: ['vllm:avg_prompt_throughput_toks_per_s'],
      generationRate: ['vllm:avg_generation_throughput_toks_per_s'],
    },
    histograms: {
      ttft: ['vllm:time_to_first_token_seconds'],
      interToken: ['vllm:inter_token_latency_seconds', 'vllm:time_per_output_token_seconds'],
      endToEnd: ['vllm:e2e_request_latency_seconds'],
    },
    finished: ['vllm:request_success_total', 'vllm:request_success'],
    sleep: { name: 'vllm:engine_sleep_state', label: 'sleep_state' },
  },
};

async function lookAt(ask: Ask, found: Identified): Promise<Identified> {
  return { ...found, state: (await isUnavailable(ask)) ? starting : await askSleeping(ask) };
}

async function askSleeping(ask: Ask): Promise<ServerState> {
  return parseIsSleeping(okBody(await ask('/is_sleeping'))) ? { kind: 'sleeping' } : up;
}

/** Reads `GET /is_sleeping`, `{"is_sleeping":true}`; it is there in the development mode only. */
export function parseIsSleeping(body: string): boolean {
  const isSleeping = readJson(z.object({ is_sleeping: z.unknown() }), body)?.is_sleeping;
  return isSleeping === true || isSleeping === 'True';
}
