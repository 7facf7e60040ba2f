/** The text of vLLM's /metrics: names, help and labels of its V1 engine (vllm/v1/metrics/loggers.py, 0.11). */

import { finishReasons, type Histogram, type LoadFigures } from './server-load.ts';

export function metricsText(figures: LoadFigures, modelName: string): string {
  const labels = `engine="0",model_name="${modelName}"`;
  const metric = (kind: 'gauge' | 'counter', name: string, help: string, value: number) =>
    header(kind, name, help) + sample(name, labels, value);
  return [
    metric(
      'gauge',
      'vllm:num_requests_running',
      'Number of requests in model execution batches.',
      figures.running,
    ),
    metric(
      'gauge',
      'vllm:num_requests_waiting',
      'Number of requests waiting to be processed.',
      figures.waiting,
    ),
    metric(
      'gauge',
      'vllm:kv_cache_usage_perc',
      'KV-cache usage. 1 means 100 percent usage.',
      figures.kvCacheUsage,
    ),
    metric(
      'counter',
      'vllm:prefix_cache_queries_total',
      'Prefix cache queries, in terms of number of queried tokens.',
      figures.prefixQueries,
    ),
    metric(
      'counter',
      'vllm:prefix_cache_hits_total',
      'Prefix cache hits, in terms of number of cached tokens.',
      figures.prefixHits,
    ),
    metric(
      'counter',
      'vllm:num_preemptions_total',
      'Cumulative number of preemption from the engine.',
      figures.preemptions,
    ),
    metric(
      'counter',
      'vllm:prompt_tokens_total',
      'Number of prefill tokens processed.',
      figures.promptTokens,
    ),
    metric(
      'counter',
      'vllm:generation_tokens_total',
      'Number of generation tokens processed.',
      figures.generationTokens,
    ),
    header('counter', 'vllm:request_success_total', 'Count of successfully processed requests.'),
    ...finishReasons.map((reason) =>
      sample(
        'vllm:request_success_total',
        `engine="0",finished_reason="${reason}",model_name="${modelName}"`,
        figures.finished[reason],
      ),
    ),
    histogram(
      'vllm:time_to_first_token_seconds',
      'Histogram of time to first token in seconds.',
      modelName,
      figures.timeToFirstTokenSeconds,
    ),
    histogram(
      'vllm:inter_token_latency_seconds',
      'Histogram of inter-token latency in seconds.',
      modelName,
      figures.interTokenSeconds,
    ),
    histogram(
      'vllm:e2e_request_latency_seconds',
      'Histogram of e2e request latency in seconds.',
      modelName,
      figures.requestSeconds,
    ),
  ].join('');
}

const header = (kind: string, name: string, help: string): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`;

const sample = (name: string, labels: string, value: number): string =>
  `${name}{${labels}} ${float(value)}\n`;

// Python prints a float: always with a fraction, or with an exponent from 1e16 on.
const float = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

function histogram(name: string, help: string, modelName: string, data: Histogram): string {
  const plain = `engine="0",model_name="${modelName}"`;
  let below = 0;
  const buckets = data.counts.map((count, index) => {
    below += count;
    const bound = data.bounds[index];
    const le = bound === undefined ? '+Inf' : float(bound);
    return sample(`${name}_bucket`, `engine="0",le="${le}",model_name="${modelName}"`, below);
  });
  return [
    header('histogram', name, help),
    ...buckets,
    sample(`${name}_count`, plain, below),
    sample(`${name}_sum`, plain, data.sum),
  ].join('');
}
