/** vLLM, as vllm/entrypoints/openai and vllm/v1/metrics have it. */

import { latencies, namer } from '../engine-metrics.ts';
import { docs, htmlType, json, metricsType, nowS, type Pages, page } from '../engine-pages.ts';
import { header, type Labels, metric, sample } from '../prometheus-text.ts';
import { finishReasons, type LoadFigures, type ServerLoad } from '../server-load.ts';
import { modelList } from '../vllm-answers.ts';
import type { PlayedEngine } from './engine.ts';

export const vllm: PlayedEngine = {
  header: 'uvicorn',
  pages,
  commands: ({ model, port, gpus, maxModelLen }) => {
    const serve = `/opt/vllm/bin/python3 /opt/vllm/bin/vllm serve ${model}`;
    const parallel = gpus.length === 1 ? '' : ` --tensor-parallel-size ${gpus.length}`;
    const args = `${serve}${parallel} --port ${port} --max-model-len ${maxModelLen}`;
    return {
      listens: { program: 'vllm', args },
      works: (rank) => (gpus.length === 1 ? 'VLLM::EngineCore' : `VLLM::Worker_TP${rank}`),
    };
  },
};

/** A 503 of `/health` while it loads (vllm/entrypoints/openai/api_server.py); `/is_sleeping` in its development mode. */
function pages(load: ServerLoad, permissionId: () => string): Pages {
  const { spec } = load;
  const health = () => page(load.phase() === 'loading' ? 503 : 200, htmlType, '');
  return {
    'GET /health': health,
    'GET /ping': health,
    'POST /ping': health,
    'GET /version': () => json({ version: spec.version }),
    'GET /is_sleeping': () => json({ is_sleeping: load.phase() === 'sleeping' }),
    'GET /metrics': () => page(200, metricsType, vllmMetrics(load.figures(), spec.model)),
    'GET /docs': () => docs(spec),
    'GET /v1/models': () => json(modelList(spec, nowS(), permissionId)),
  };
}

/** vLLM's V1 engine (vllm/v1/metrics/loggers.py, 0.11). */
export function vllmMetrics(figures: LoadFigures, model: string): string {
  const labels: Labels = { engine: '0', model_name: model };
  const named = namer('vllm:', labels);
  const finished = 'vllm:request_success_total';
  return [
    metric(
      'gauge',
      named('num_requests_running', 'Number of requests in model execution batches.'),
      figures.running,
    ),
    metric(
      'gauge',
      named('num_requests_waiting', 'Number of requests waiting to be processed.'),
      figures.waiting,
    ),
    metric(
      'gauge',
      named('kv_cache_usage_perc', 'KV-cache usage. 1 means 100 percent usage.'),
      figures.kvCacheUsage,
    ),
    metric(
      'counter',
      named('prefix_cache_queries_total', 'Prefix cache queries, in terms of number of queried tokens.'),
      figures.prefixQueries,
    ),
    metric(
      'counter',
      named('prefix_cache_hits_total', 'Prefix cache hits, in terms of number of cached tokens.'),
      figures.prefixHits,
    ),
    metric(
      'counter',
      named('num_preemptions_total', 'Cumulative number of preemption from the engine.'),
      figures.preemptions,
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
    header('counter', finished, 'Count of successfully processed requests.'),
    ...finishReasons.map((reason) =>
      sample(finished, { ...labels, finished_reason: reason }, figures.finished[reason]),
    ),
    ...latencies(figures, named),
  ].join('');
}
