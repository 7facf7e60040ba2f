/** What a model server's `/metrics` says, by model: the names of every vLLM generation, of SGLang, llama.cpp and TGI. Pure. */

import { cutLoose, plainText } from '#common/text.ts';
import { isOtherText, parsePrometheus, type Sample } from './prometheus.ts';

/** Cumulative counts by upper bound, ascending; the last bound is infinite. */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** One model, summed over its engines; unknown is null. Counters count since the server began. */
export interface ModelMetrics {
  readonly running: number | null;
  readonly waiting: number | null;
  /** 0-1, the mean over the engines. */
  readonly kvCacheRatio: number | null;
  readonly preemptions: number | null;
  readonly promptTokens: number | null;
  readonly generationTokens: number | null;
  readonly cacheQueries: number | null;
  readonly cacheHits: number | null;
  /** 0-1, where the server says only the ratio. */
  readonly cacheHitRatio: number | null;
  /** Tokens per second, where the server says them itself. */
  readonly promptRate: number | null;
  readonly generationRate: number | null;
  /** In seconds. */
  readonly ttft: Histogram | null;
  readonly interToken: Histogram | null;
  readonly endToEnd: Histogram | null;
  readonly finished: Readonly<Record<string, number>>;
}

export interface ServerMetrics {
  /** Seconds since the epoch (`process_start_time_seconds`); null where unknown. */
  readonly startedAtS: number | null;
  /** vLLM's sleep mode: the model is put away. */
  readonly asleep: boolean;
  /** By the model's name in the metrics; null where they name none. */
  readonly models: ReadonlyMap<string | null, ModelMetrics>;
}

type Combine = 'sum' | 'mean';

interface Single {
  readonly combine: Combine;
  /** Of these the first that is there counts: some releases print the old name beside the new one. */
  readonly names: readonly string[];
}

const sum = (...names: readonly string[]): Single => ({ combine: 'sum', names });
const mean = (...names: readonly string[]): Single => ({ combine: 'mean', names });

/** vllm/v1/metrics/loggers.py and vllm/engine/metrics.py, sglang/srt/metrics/collector.py, llama.cpp/tools/server, TGI's router. */
const singles = {
  running: sum(
    'vllm:num_requests_running',
    'sglang:num_running_reqs',
    'llamacpp:requests_processing',
    'tgi_batch_current_size',
  ),
  waiting: sum(
    'vllm:num_requests_waiting',
    'sglang:num_queue_reqs',
    'llamacpp:requests_deferred',
    'tgi_queue_size',
  ),
  kvCacheRatio: mean(
    'vllm:kv_cache_usage_perc',
    'vllm:gpu_cache_usage_perc',
    'sglang:token_usage',
    'llamacpp:kv_cache_usage_ratio',
  ),
  preemptions: sum('vllm:num_preemptions_total', 'vllm:num_preemptions'),
  promptTokens: sum(
    'vllm:prompt_tokens_total',
    'vllm:prompt_tokens',
    'sglang:prompt_tokens_total',
    'llamacpp:prompt_tokens_total',
    'tgi_request_input_length_sum',
  ),
  generationTokens: sum(
    'vllm:generation_tokens_total',
    'vllm:generation_tokens',
    'sglang:generation_tokens_total',
    'llamacpp:tokens_predicted_total',
    'tgi_request_generated_tokens_sum',
  ),
  cacheQueries: sum(
    'vllm:prefix_cache_queries_total',
    'vllm:prefix_cache_queries',
    'vllm:gpu_prefix_cache_queries_total',
    'vllm:gpu_prefix_cache_queries',
  ),
  cacheHits: sum(
    'vllm:prefix_cache_hits_total',
    'vllm:prefix_cache_hits',
    'vllm:gpu_prefix_cache_hits_total',
    'vllm:gpu_prefix_cache_hits',
  ),
  cacheHitRatio: mean('vllm:gpu_prefix_cache_hit_rate', 'sglang:cache_hit_rate'),
  promptRate: sum('vllm:avg_prompt_throughput_toks_per_s', 'llamacpp:prompt_tokens_seconds'),
  generationRate: sum('vllm:avg_generation_throughput_toks_per_s', 'sglang:gen_throughput'),
} as const satisfies Record<string, Single>;

const histograms = {
  ttft: ['vllm:time_to_first_token_seconds', 'sglang:time_to_first_token_seconds'],
  interToken: [
    'vllm:inter_token_latency_seconds',
    'vllm:time_per_output_token_seconds',
    'sglang:inter_token_latency_seconds',
    'sglang:time_per_output_token_seconds',
    'tgi_request_mean_time_per_token_duration',
  ],
  endToEnd: [
    'vllm:e2e_request_latency_seconds',
    'sglang:e2e_request_latency_seconds',
    'tgi_request_duration',
  ],
} as const;

const finishedNames = ['vllm:request_success_total', 'vllm:request_success'] as const;
const startName = 'process_start_time_seconds';
const sleepName = 'vllm:engine_sleep_state';

const wanted: ReadonlySet<string> = new Set([
  startName,
  sleepName,
  ...finishedNames,
  ...Object.values(singles).flatMap(({ names }) => names),
  ...Object.values(histograms).flatMap((names) => names.map((name) => `${name}_bucket`)),
]);

const mostModels = 200;

/** Reads the body of a `200` to `GET /metrics`; null when it is no metrics, or none of a model server. Never throws. */
export function readMetrics(text: string, contentType = ''): ServerMetrics | null {
  if (isOtherText(text, contentType)) return null;
  const byModel = new Map<string | null, Map<string, Sample[]>>();
  let startedAtS: number | null = null;
  let asleep = false;
  for (const sample of parsePrometheus(text, (name) => wanted.has(name))) {
    if (sample.name === startName) startedAtS = sample.value;
    else if (sample.name === sleepName) asleep ||= saysAsleep(sample);
    else if (isFirstRank(sample)) sort(byModel, sample);
  }
  if (byModel.size === 0) return null;
  const models = [...byModel].map(([model, samples]) => [model, readModel(samples)] as const);
  return { startedAtS: finiteOrNull(startedAtS), asleep, models: new Map(models) };
}

/** One sample per state, 1 for the one it is in. */
function saysAsleep({ labels, value }: Sample): boolean {
  return value === 1 && labels.get('sleep_state') !== 'awake';
}

/** Every tensor-parallel rank of an engine may print the same numbers again. */
function isFirstRank({ labels }: Sample): boolean {
  return (labels.get('tp_rank') ?? '0') === '0';
}

function sort(byModel: Map<string | null, Map<string, Sample[]>>, sample: Sample): void {
  const label = sample.labels.get('model_name');
  const model = label === undefined ? null : plainText(label, 300);
  let samples = byModel.get(model);
  if (samples === undefined) {
    if (byModel.size >= mostModels) return;
    samples = new Map();
    byModel.set(model === null ? null : cutLoose(model), samples);
  }
  const same = samples.get(sample.name);
  if (same === undefined) samples.set(sample.name, [sample]);
  else same.push(sample);
}

type Samples = ReadonlyMap<string, readonly Sample[]>;

function readModel(samples: Samples): ModelMetrics {
  const single = (key: keyof typeof singles): number | null => readSingle(samples, singles[key]);
  const histogram = (key: keyof typeof histograms): Histogram | null =>
    readHistogram(samples, histograms[key]);
  return {
    running: single('running'),
    waiting: single('waiting'),
    kvCacheRatio: single('kvCacheRatio'),
    preemptions: single('preemptions'),
    promptTokens: single('promptTokens'),
    generationTokens: single('generationTokens'),
    cacheQueries: single('cacheQueries'),
    cacheHits: single('cacheHits'),
    cacheHitRatio: single('cacheHitRatio'),
    promptRate: single('promptRate'),
    generationRate: single('generationRate'),
    ttft: histogram('ttft'),
    interToken: histogram('interToken'),
    endToEnd: histogram('endToEnd'),
    finished: readFinished(samples),
  };
}

function finiteOrNull(value: number | null): number | null {
  // A gauge that the server has not filled says NaN or -1.
  return value === null || !Number.isFinite(value) || value < 0 ? null : value;
}

function firstOf(samples: Samples, names: readonly string[]): readonly Sample[] {
  for (const name of names) {
    const found = samples.get(name);
    if (found !== undefined) return found;
  }
  return [];
}

function readSingle(samples: Samples, { combine, names }: Single): number | null {
  const values = firstOf(samples, names).flatMap(({ value }) => finiteOrNull(value) ?? []);
  if (values.length === 0) return null;
  const total = values.reduce((whole, value) => whole + value, 0);
  return combine === 'sum' ? total : total / values.length;
}

function readHistogram(samples: Samples, names: readonly string[]): Histogram | null {
  const counts = new Map<number, number>();
  const buckets = firstOf(
    samples,
    names.map((name) => `${name}_bucket`),
  );
  for (const { labels, value } of buckets) {
    const bound = parseBound(labels.get('le'));
    const count = finiteOrNull(value);
    if (bound !== null && count !== null) counts.set(bound, (counts.get(bound) ?? 0) + count);
  }
  const bounds = [...counts.keys()].sort((a, b) => a - b);
  // Without the last bucket nobody knows how many there were.
  if (bounds.at(-1) !== Infinity) return null;
  return { bounds, counts: bounds.map((bound) => counts.get(bound) ?? 0) };
}

function parseBound(le: string | undefined): number | null {
  if (le === undefined) return null;
  if (/^\+?inf$/i.test(le)) return Infinity;
  const bound = Number(le);
  return le.trim() !== '' && Number.isFinite(bound) ? bound : null;
}

const mostReasons = 20;

function readFinished(samples: Samples): Readonly<Record<string, number>> {
  const finished = new Map<string, number>();
  for (const { labels, value } of firstOf(samples, finishedNames)) {
    const reason = plainText(labels.get('finished_reason') ?? 'unknown', 40);
    const count = finiteOrNull(value);
    if (count !== null && (finished.has(reason) || finished.size < mostReasons))
      finished.set(reason, (finished.get(reason) ?? 0) + count);
  }
  return Object.fromEntries(finished);
}
