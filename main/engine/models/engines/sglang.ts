/** SGLang: sglang/srt/entrypoints/http_server.py, openai/protocol.py and srt/metrics/collector.py. */

import * as z from 'zod/mini';
import { cleanVersion, isUnavailable, okBody, readJson, starting, up } from '../answers.ts';
import { type ListedModel, optionalCount, optionalText } from '../model-cards.ts';
import type { Engine } from './engine.ts';

export const sglang: Engine = {
  kind: 'sglang',
  processes: /^sglang/i,
  innerProcesses: /^sglang::(?:sch|det|data)/i,
  owners: ['sglang'],
  hasVersion: true,
  isBuiltUpon: true,
  // While it warms up it gives its list, and 503 for /health.
  async identify(ask, found) {
    const old = await ask('/get_server_info');
    const facts = parseServerInfo(okBody(old?.status === 404 ? await ask('/server_info') : old));
    const models = withDefaultContext(found.models, facts?.contextLength ?? null);
    const state = (await isUnavailable(ask)) ? starting : up;
    return { ...found, state, version: facts?.version ?? null, models };
  },
  // http_server.py, health_generate: both paths generate, unless SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION says otherwise.
  health: { path: '/health', generates: true },
  metrics: {
    paths: ['/metrics'],
    /*
     * Schedulers count per data parallel rank; with --enable-metrics-for-all-schedulers each of the ranks that work on the
     * same requests prints them again. A tensor parallel rank is that of the whole server: those of dp_rank 1 begin above 0.
     */
    labels: {
      model_name: 'model',
      name: 'model',
      dp_rank: 'part',
      engine_type: 'part',
      is_streaming: 'part',
      mode: 'part',
      priority: 'part-or-total',
      tp_rank: 'copy',
      pp_rank: 'copy',
      attn_cp_rank: 'copy',
      moe_ep_rank: 'copy',
    },
    tokensCount: 'at-the-end',
    numbers: {
      running: ['sglang:num_running_reqs', 'sglang:num_requests_running'],
      waiting: ['sglang:num_queue_reqs', 'sglang:num_requests_waiting'],
      kvCacheRatio: ['sglang:token_usage'],
      promptTokens: ['sglang:prompt_tokens_total'],
      generationTokens: ['sglang:generation_tokens_total'],
      // A percentage in the releases that named the model `name`.
      cacheHitRatio: [{ name: 'sglang:cache_hit_rate', where: { name: [''] } }],
      livePromptTokens: [
        { name: 'sglang:realtime_tokens_total', where: { mode: ['prefill_compute', 'prefill_cache'] } },
      ],
      liveGenerationTokens: [{ name: 'sglang:realtime_tokens_total', where: { mode: ['decode'] } }],
      generationRate: ['sglang:gen_throughput'],
    },
    histograms: {
      ttft: ['sglang:time_to_first_token_seconds'],
      interToken: ['sglang:inter_token_latency_seconds', 'sglang:time_per_output_token_seconds'],
      endToEnd: ['sglang:e2e_request_latency_seconds'],
    },
  },
};

interface Facts {
  readonly version: string | null;
  readonly contextLength: number | null;
}

/** Reads `GET /get_server_info`: all arguments of the server, and the version. */
export function parseServerInfo(body: string): Facts | null {
  const info = readJson(z.object({ version: optionalText, context_length: optionalCount }), body);
  return info && { version: cleanVersion(info.version), contextLength: info.context_length };
}

/** Adapters have that of their base. */
function withDefaultContext(models: readonly ListedModel[], length: number | null): readonly ListedModel[] {
  return models.map((model) =>
    model.parent === null ? { ...model, maxModelLen: model.maxModelLen ?? length } : model,
  );
}
