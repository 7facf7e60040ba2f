/** TensorRT-LLM's trtllm-serve, as tensorrt_llm/serve and tensorrt_llm/metrics have it. */

import { latencies, namer } from '../engine-metrics.ts';
import { docs, htmlType, json, metricsType, nowS, oneModel, type Pages, page } from '../engine-pages.ts';
import { header, type Labels, metric, sample } from '../prometheus-text.ts';
import { finishReasons, type LoadFigures, type ServerLoad } from '../server-load.ts';
import type { PlayedEngine } from './engine.ts';

export const trtllm: PlayedEngine = {
  header: 'uvicorn',
  pages,
  commands: ({ model, port, gpus }) => ({
    listens: {
      program: 'trtllm-serve',
      args: `/opt/trtllm/bin/python3 /opt/trtllm/bin/trtllm-serve ${model} --port ${port} --tp_size ${gpus.length}`,
    },
    works: () => '/opt/trtllm/bin/python3',
  }),
};

function pages(load: ServerLoad): Pages {
  const { spec } = load;
  return {
    'GET /health': () => page(200, htmlType, ''),
    'GET /version': () => json({ version: spec.version }),
    'GET /metrics': () => json(iterations(load.figures())),
    'GET /prometheus/metrics': () => page(200, metricsType, metrics(load.figures(), spec.model)),
    'GET /docs': () => docs(spec),
    'GET /v1/models': () => oneModel(spec.model, 'tensorrt_llm'),
  };
}

/** What the latest iteration did. */
function iterations({ running, waiting, kvCacheUsage }: LoadFigures): readonly object[] {
  const maxNumBlocks = 100_000;
  const kvCacheStats = {
    maxNumBlocks,
    usedNumBlocks: Math.round(kvCacheUsage * maxNumBlocks),
    tokensPerBlock: 32,
  };
  return [
    {
      iter: nowS(),
      iterLatencyMS: 8.1,
      numActiveRequests: running,
      numQueuedRequests: waiting,
      kvCacheStats,
    },
  ];
}

function metrics(figures: LoadFigures, model: string): string {
  const labels: Labels = { engine_type: 'trtllm', model_name: model };
  const named = namer('trtllm_', labels);
  const finished = 'trtllm_request_success_total';
  return [
    metric('gauge', named('num_requests_running', 'Number of active requests'), figures.running),
    metric('gauge', named('num_requests_waiting', 'Number of queued requests'), figures.waiting),
    metric('gauge', named('kv_cache_utilization', 'KV cache utilization'), figures.kvCacheUsage),
    metric(
      'counter',
      named('prompt_tokens_total', 'Cumulative number of prompt (input) tokens processed.'),
      figures.promptTokens,
    ),
    metric(
      'counter',
      named('generation_tokens_total', 'Cumulative number of generation (output) tokens produced.'),
      figures.generationTokens,
    ),
    header('counter', finished, 'Count of successfully processed requests.'),
    ...finishReasons.map((reason) =>
      sample(finished, { ...labels, finished_reason: reason }, figures.finished[reason]),
    ),
    ...latencies(figures, named),
  ].join('');
}
