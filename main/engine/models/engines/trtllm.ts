/** TensorRT-LLM's trtllm-serve: tensorrt_llm/serve/openai_server.py, openai_protocol.py and metrics/collector.py. */

import * as z from 'zod/mini';
import { isUnavailable, okBody, parseVersion, readJson, starting, up } from '../answers.ts';
import type { Numbers } from '../metric-table.ts';
import type { Engine } from './engine.ts';

export const trtllm: Engine = {
  kind: 'trtllm',
  processes: /^trtllm-serve/i,
  owners: ['tensorrt_llm'],
  hasVersion: true,
  isBuiltUpon: true,
  // It listens when its model is loaded; a 503 of /health is an engine that cannot answer.
  async identify(ask, found) {
    const version = parseVersion(okBody(await ask('/version')));
    return { ...found, version, state: (await isUnavailable(ask)) ? starting : up };
  },
  health: { path: '/health' },
  metrics: {
    // Only with `return_perf_metrics`.
    paths: ['/prometheus/metrics'],
    statistics: { path: '/metrics', read: parseIterations },
    labels: { model_name: 'model', engine_type: 'part', finished_reason: 'part' },
    tokensCount: 'at-the-end',
    numbers: {
      running: ['trtllm_num_requests_running'],
      waiting: ['trtllm_num_requests_waiting'],
      kvCacheRatio: ['trtllm_kv_cache_utilization'],
      promptTokens: ['trtllm_prompt_tokens_total'],
      generationTokens: ['trtllm_generation_tokens_total'],
      cacheHitRatio: ['trtllm_kv_cache_hit_rate'],
    },
    histograms: {
      ttft: ['trtllm_time_to_first_token_seconds'],
      interToken: ['trtllm_time_per_output_token_seconds'],
      endToEnd: ['trtllm_e2e_request_latency_seconds'],
    },
    finished: ['trtllm_request_success_total'],
  },
};

const count = z.catch(z.nullable(z.number().check(z.nonnegative())), null);

const iterationSchema = z.object({
  iter: count,
  attentionDpRank: count,
  numActiveRequests: count,
  numQueuedRequests: count,
  kvCacheStats: z.catch(
    z.nullable(z.object({ usedNumBlocks: count, maxNumBlocks: count, cacheHitRate: count })),
    null,
  ),
});

type Iteration = z.infer<typeof iterationSchema>;

/**
 * Reads `GET /metrics`, an array of the iterations since it was last asked for, by whomever: of each attention data parallel
 * rank the latest counts, and only the first rank says what is queued. Nothing where there was no iteration; null for
 * anything else.
 */
export function parseIterations(body: string): Numbers | null {
  const rows = readJson(z.array(z.unknown()), body);
  if (rows === null) return null;
  const latest = new Map<number, Iteration>();
  for (const row of rows) {
    const { success, data } = iterationSchema.safeParse(row);
    const rank = success ? (data.attentionDpRank ?? 0) : 0;
    if (success && (data.iter ?? 0) >= (latest.get(rank)?.iter ?? 0)) latest.set(rank, data);
  }
  const ranks = [...latest.values()];
  const caches = ranks.flatMap(({ kvCacheStats }) => kvCacheStats ?? []);
  return {
    running: sum(ranks.map(({ numActiveRequests }) => numActiveRequests)),
    waiting: sum(ranks.map(({ numQueuedRequests }) => numQueuedRequests)),
    kvCacheRatio: mean(
      caches.map(({ usedNumBlocks: used, maxNumBlocks: most }) => used && most && used / most),
    ),
    cacheHitRatio: mean(caches.map(({ cacheHitRate }) => cacheHitRate)),
  };
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((whole, value) => whole + value, 0);
}

function mean(ratios: readonly (number | null)[]): number | null {
  const known = ratios.filter((ratio) => ratio !== null && ratio <= 1);
  const whole = sum(known);
  return whole === null ? null : whole / known.length;
}
