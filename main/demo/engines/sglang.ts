/** SGLang, as sglang/srt has it. */

import { latencies, namer } from '../engine-metrics.ts';
import { docs, htmlType, json, metricsType, oneModel, type Pages, page } from '../engine-pages.ts';
import { metric } from '../prometheus-text.ts';
import type { LoadFigures, ServerLoad } from '../server-load.ts';
import type { PlayedEngine } from './engine.ts';

export const sglang: PlayedEngine = {
  header: 'uvicorn',
  pages,
  commands: ({ model, port }) => ({
    listens: {
      program: 'python3',
      args: `/opt/sglang/bin/python3 -m sglang.launch_server --model-path ${model} --port ${port}`,
    },
    works: (rank) => `sglang::scheduler_TP${rank}`,
  }),
};

/** sglang/srt/entrypoints/http_server.py. */
function pages(load: ServerLoad): Pages {
  const { spec } = load;
  return {
    'GET /health': () => page(200, htmlType, ''),
    'GET /get_server_info': () =>
      json({ model_path: spec.model, context_length: spec.maxModelLen, version: spec.version }),
    'GET /metrics': () => page(200, metricsType, sglangMetrics(load.figures(), spec.model)),
    'GET /docs': () => docs(spec),
    'GET /v1/models': () =>
      oneModel(spec.model, 'sglang', { root: spec.model, max_model_len: spec.maxModelLen }),
  };
}

/** SGLang (sglang/srt/metrics/collector.py). */
function sglangMetrics(figures: LoadFigures, model: string): string {
  const named = namer('sglang:', { model_name: model });
  return [
    metric('gauge', named('num_running_reqs', 'The number of running requests.'), figures.running),
    metric('gauge', named('num_queue_reqs', 'The number of requests in the waiting queue.'), figures.waiting),
    metric('gauge', named('token_usage', 'The token usage.'), figures.kvCacheUsage),
    metric(
      'gauge',
      named('cache_hit_rate', 'The prefix cache hit rate.'),
      figures.prefixQueries === 0 ? 0 : figures.prefixHits / figures.prefixQueries,
    ),
    metric(
      'counter',
      named('prompt_tokens_total', 'Number of prefill tokens processed.'),
      figures.promptTokens,
    ),
    metric(
      'counter',
      named('generation_tokens_total', 'Number of generation tokens processed.'),
      figures.generationTokens,
    ),
    ...latencies(figures, named),
  ].join('');
}
