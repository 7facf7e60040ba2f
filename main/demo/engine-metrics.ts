/** The text of `/metrics` as each engine names things. */

import { header, histogram, type Labels, type Metric, metric, sample } from './prometheus-text.ts';
import { finishReasons, type LoadFigures } from './server-load.ts';

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

/** SGLang (sglang/srt/metrics/collector.py). */
export function sglangMetrics(figures: LoadFigures, model: string): string {
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

/** llama.cpp (tools/server/server.cpp): no labels, and no histograms. */
export function llamaCppMetrics(figures: LoadFigures): string {
  const named = namer('llamacpp:', {});
  return [
    metric(
      'counter',
      named('prompt_tokens_total', 'Number of prompt tokens processed.'),
      figures.promptTokens,
    ),
    metric(
      'counter',
      named('tokens_predicted_total', 'Number of generation tokens processed.'),
      figures.generationTokens,
    ),
    metric('gauge', named('requests_processing', 'Number of requests processing.'), figures.running),
    metric('gauge', named('requests_deferred', 'Number of requests deferred.'), figures.waiting),
  ].join('');
}

type Namer = (name: string, help: string) => Metric;

const namer =
  (prefix: string, labels: Labels): Namer =>
  (name, help) => ({ name: `${prefix}${name}`, help, labels });

function latencies(figures: LoadFigures, named: Namer): readonly string[] {
  return [
    histogram(
      named('time_to_first_token_seconds', 'Histogram of time to first token in seconds.'),
      figures.timeToFirstTokenSeconds,
    ),
    histogram(
      named('inter_token_latency_seconds', 'Histogram of inter-token latency in seconds.'),
      figures.interTokenSeconds,
    ),
    histogram(
      named('e2e_request_latency_seconds', 'Histogram of e2e request latency in seconds.'),
      figures.requestSeconds,
    ),
  ];
}
