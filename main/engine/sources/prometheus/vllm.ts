/** Models with their load, by vLLM's own series. Pure but for the questions. */

import type { Latency, ModelLoad } from '#common/servers.ts';
import { plainText } from '#common/text.ts';
import { type Answer, type Labels, noSamples, numberOf, type RawSample } from './answer.ts';
import type { PrometheusClient } from './client.ts';
import { originOf } from './names.ts';
import * as queries from './queries.ts';
import type { Survey } from './survey.ts';

/** The load of one model that an instance serves. */
export interface FoundLoad {
  readonly instance: string;
  readonly load: ModelLoad;
}

/** The windows of rates: at least four scrapes. */
const fewestScrapes = 4;

/** Errors: those of the client, for the gauges; rates and latencies that do not come are unknown. */
export async function readModels(
  client: PrometheusClient,
  { names, scrapeMs }: Pick<Survey, 'names' | 'scrapeMs'>,
  signal: AbortSignal,
): Promise<{ readonly loads: readonly FoundLoad[]; readonly partial: string | null }> {
  const there = (wanted: readonly string[]): readonly string[] => wanted.filter((name) => names.has(name));
  const sums = there(queries.vllmSums);
  if (sums.length === 0) return { loads: [], partial: null };
  const means = there(queries.vllmMeans);
  const counters = there(['vllm:prompt_tokens_total', 'vllm:generation_tokens_total']);
  const histograms = Object.entries(queries.vllmLatencies).flatMap(([of, wanted]) => {
    const name = wanted.find((one) => names.has(`${one}_count`));
    return name === undefined ? [] : [{ of, name }];
  });
  const windowS = Math.max(60, Math.ceil((fewestScrapes * (scrapeMs ?? 15_000)) / 1000));
  const orNone = (asked: Promise<Answer<RawSample>>): Promise<Answer<RawSample>> =>
    asked.catch((error: unknown) => {
      if (signal.aborted) throw error;
      return noSamples;
    });
  const [summed, averaged, rates, latencies] = await Promise.all([
    client.instant(queries.vllmSumQuery(sums), signal),
    means.length === 0 ? noSamples : client.instant(queries.vllmMeanQuery(means), signal),
    counters.length === 0
      ? noSamples
      : orNone(client.instant(queries.vllmRateQuery(counters, windowS), signal)),
    histograms.length === 0
      ? noSamples
      : orNone(client.instant(queries.vllmLatencyQuery(histograms, windowS), signal)),
  ]);
  return {
    loads: tableOf([summed, averaged], [rates, latencies]),
    partial: summed.partial ?? averaged.partial,
  };
}

/** By instance and model: plain series under their names, calculated ones under `of` and what their label says. */
function tableOf(
  plain: readonly Answer<RawSample>[],
  calculated: readonly Answer<RawSample>[],
): readonly FoundLoad[] {
  const table = new Map<string, { instance: string; model: string | null; values: Map<string, number> }>();
  const add = (metric: Labels, name: string | undefined, text: string): void => {
    const { model_name: model } = metric;
    const [, instance] = originOf(metric) ?? [];
    const value = numberOf(text);
    if (instance === undefined || name === undefined || value === null) return;
    const key = `${instance}\n${model ?? ''}`;
    const row = table.get(key) ?? {
      instance,
      model: model === undefined ? null : plainText(model, 300),
      values: new Map<string, number>(),
    };
    row.values.set(name, value);
    table.set(key, row);
  };
  for (const { metric, value } of plain.flatMap(({ items }) => items)) add(metric, metric.__name__, value[1]);
  for (const { metric, value } of calculated.flatMap(({ items }) => items))
    add(metric, metric.of === undefined ? undefined : `of ${metric.of}`, value[1]);
  return [...table.values()].map(({ instance, model, values }) => ({
    instance,
    load: loadOf(model, values),
  }));
}

function loadOf(model: string | null, values: ReadonlyMap<string, number>): ModelLoad {
  const get = (name: string): number | null => values.get(name) ?? null;
  const ratio = (part: string, whole: string): number | null => {
    const [of, all] = [get(part), get(whole)];
    return of === null || all === null || all <= 0 ? null : Math.min(100, (100 * of) / all);
  };
  const cache = get('vllm:kv_cache_usage_perc') ?? get('vllm:gpu_cache_usage_perc');
  return {
    model,
    running: get('vllm:num_requests_running'),
    waiting: get('vllm:num_requests_waiting'),
    kvCachePct: cache === null ? null : Math.min(100, cache * 100),
    prefixHitPct: ratio('vllm:prefix_cache_hits_total', 'vllm:prefix_cache_queries_total'),
    preemptionsTotal: get('vllm:num_preemptions_total'),
    promptTokensTotal: get('vllm:prompt_tokens_total'),
    generationTokensTotal: get('vllm:generation_tokens_total'),
    promptTokensPerSecond: get('of vllm:prompt_tokens_total'),
    generationTokensPerSecond: get('of vllm:generation_tokens_total'),
    ttft: latencyOf(get, 'ttft'),
    interToken: latencyOf(get, 'interToken'),
    endToEnd: latencyOf(get, 'endToEnd'),
    finished: {},
  };
}

function latencyOf(get: (name: string) => number | null, of: string): Latency | null {
  const [p50, p95] = [get(`of ${of} 0.5`), get(`of ${of} 0.95`)];
  return p50 === null || p95 === null ? null : { p50Ms: p50 * 1000, p95Ms: p95 * 1000 };
}
