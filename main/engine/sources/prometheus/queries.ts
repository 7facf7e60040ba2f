/** The queries that are asked: constant texts with names that this app knows, and bounded matchers. Pure. */

import { gpuExporters, knownGauges } from './exporters/registry.ts';
import { originLabels } from './names.ts';

/** Of node_exporter, what the row of a host shows. */
export const nodeNames = [
  'node_load1',
  'node_memory_MemAvailable_bytes',
  'node_memory_MemTotal_bytes',
] as const;

/** Of vLLM: what is summed over its engines, and what is averaged; the older name of each stands behind the newer one. */
export const vllmSums = [
  'vllm:num_requests_running',
  'vllm:num_requests_waiting',
  'vllm:num_preemptions_total',
  'vllm:prompt_tokens_total',
  'vllm:generation_tokens_total',
  'vllm:prefix_cache_hits_total',
  'vllm:prefix_cache_queries_total',
] as const;
export const vllmMeans = ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'] as const;
export const vllmLatencies = {
  ttft: ['vllm:time_to_first_token_seconds'],
  interToken: ['vllm:inter_token_latency_seconds', 'vllm:time_per_output_token_seconds'],
  endToEnd: ['vllm:e2e_request_latency_seconds'],
} as const;

/** All by which it is found out what there is. */
const surveyed = [
  ...knownGauges.keys(),
  ...Object.values(gpuExporters).flatMap(({ identity }) => identity.flat()),
  'nvidia_smi_compute_app_info',
  'node_uname_info',
  ...nodeNames,
  ...vllmSums,
  ...vllmMeans,
  ...Object.values(vllmLatencies).flatMap((names) => names.map((name) => `${name}_count`)),
];

const surveyedOnce = [...new Set(surveyed)];

export function countNames(matcher: string): string {
  return `count by (__name__) (${selector(surveyedOnce, matcher)})`;
}

/** Of each set of names the series that most exporters have, one for each GPU. */
const oneOfGpu = Object.values(gpuExporters).flatMap(({ identity }) =>
  identity.flatMap(([name = '']) => name),
);

/** How many GPUs each instance has, about: MIG instances and pods that share one have more series. */
export const gpusByInstance = seriesByInstance(oneOfGpu);

/** Labels that tell the GPUs of an instance apart, over all exporters. */
const gpuLabels = `${originLabels}, gpu, UUID, uuid, GPU_I_ID, GPU_I_PROFILE, gpu_id, gpu_uuid, index`;

function selector(names: readonly string[], matcher = ''): string {
  return `{__name__=~"${names.join('|')}"${matcher === '' ? '' : `,${matcher}`}}`;
}

/** Gauges of all GPUs at once: where pods share a GPU it has several series, of which the largest counts. */
export function gaugesQuery(names: readonly string[], matcher: string): string {
  return `max by (__name__, ${gpuLabels}) (${selector(names, matcher)})`;
}

/** Of gauges that are 0 where all is well: those that are not. */
export function faultsQuery(names: readonly string[], matcher: string): string {
  return `max by (__name__, ${gpuLabels}) (${selector(names, matcher)} > 0)`;
}

export function seriesByInstance(names: readonly string[]): string {
  return `count by (instance) (${selector(names)})`;
}

export function identityQuery(name: string, matcher: string): string {
  return matcher === '' ? name : `${name}{${matcher}}`;
}

/** When each instance was sampled last; the answer's own time is when it was asked. */
export function sampledQuery(names: readonly string[], matcher: string): string {
  return names
    .map((name) => `max by (${originLabels}) (timestamp(${identityQuery(name, matcher)}))`)
    .join(' or ');
}

/** What a Pushgateway was given last, which has the time of its scrape otherwise. */
export const pushedQuery = `max by (${originLabels}) (push_time_seconds)`;

export const downQuery = `max by (${originLabels}, job) (up == 0)`;

export function nodeQuery(names: readonly string[]): string {
  return `max by (__name__, ${originLabels}) (${selector(names)})`;
}

export const cpuCountQuery = `count by (${originLabels}) (node_cpu_seconds_total{mode="idle"})`;

const modelLabels = `${originLabels}, model_name`;

export function vllmSumQuery(names: readonly string[]): string {
  return `sum by (__name__, ${modelLabels}) (${selector(names)})`;
}

export function vllmMeanQuery(names: readonly string[]): string {
  return `avg by (__name__, ${modelLabels}) (${selector(names)})`;
}

/** Tokens per second over the window; the label `of` says of which counter. */
export function vllmRateQuery(names: readonly string[], windowS: number): string {
  return names
    .map((name) => labelled(`sum by (${modelLabels}) (rate(${name}[${windowS}s]))`, name))
    .join(' or ');
}

/** Quantiles over the window in seconds; the label `of` says of what and which. */
export function vllmLatencyQuery(
  names: readonly { readonly of: string; readonly name: string }[],
  windowS: number,
): string {
  const buckets = (name: string): string => `sum by (le, ${modelLabels}) (rate(${name}_bucket[${windowS}s]))`;
  return names
    .flatMap(({ of, name }) =>
      (['0.5', '0.95'] as const).map((quantile) =>
        labelled(`histogram_quantile(${quantile}, ${buckets(name)})`, `${of} ${quantile}`),
      ),
    )
    .join(' or ');
}

/** The largest utilisation of a day over some instances, in steps: a day of all of them would be too much to ask. */
export function largestOfDay(name: string, matcher: string): string {
  return `max(max_over_time(${name}{${matcher}}[1d:10m]))`;
}

/** The largest value of a moment. */
export function largestNow(name: string, matcher: string): string {
  return `max(${identityQuery(name, matcher)})`;
}

/** The latest samples of one instance, from which its scrape interval follows. */
export function latestSamples(name: string, matcher: string): string {
  return `${name}{${matcher}}[10m]`;
}

function labelled(query: string, of: string): string {
  return `label_replace(${query}, "of", "${of}", "", "")`;
}
