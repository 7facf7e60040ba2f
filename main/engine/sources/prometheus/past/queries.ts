/** The queries for what a host or a model server did: means and rates of series that this app knows, of one subject each. Pure. */

import type { GpuMetric, LoadMetric } from '#common/history.ts';
import { oldUtilisation } from '../exporters/dcgm.ts';
import type { Meaning } from '../exporters/exporter.ts';
import { type GpuExporterKind, gpuExporters } from '../exporters/registry.ts';
import { vllmLatencies, vllmMeans } from '../queries.ts';
import type { Survey } from '../survey.ts';
import type { Grid } from './grid.ts';

/** In the order in which they are preferred. */
const meanings: Readonly<Record<GpuMetric, readonly Meaning[]>> = {
  utilPct: ['utilPct', 'enginePct'],
  memUsedMiB: ['memUsedMiB'],
};

/** Not the instance, which is another one for each time that a pod of the exporter was started. */
const gpuLabels = 'gpu, UUID, uuid, GPU_I_ID, gpu_id, gpu_uuid, index';

export interface GpuQuery {
  readonly exporter: GpuExporterKind;
  readonly metric: GpuMetric;
  /** Of the GPUs. */
  readonly matcher: string;
  /** See {@link Survey}. */
  readonly utilFactor: number;
}

/**
 * One metric of some GPUs by all names that the exporter has had for it, because it may have been another version then. Where
 * several are there at one time the preferred one counts, and of the series of pods that share a GPU the largest.
 */
export function gpuQuery({ exporter, metric, matcher, utilFactor }: GpuQuery, { meanS }: Grid): string {
  const gauges = Object.entries(gpuExporters[exporter].gauges);
  const named = meanings[metric].flatMap((meaning) =>
    gauges.filter(([, gauge]) => gauge.meaning === meaning).sort(([, a], [, b]) => a.rank - b.rank),
  );
  return named
    .map(([name, { factor }]) => {
      const mean = `max by (${gpuLabels}) (avg_over_time(${name}{${matcher}}[${meanS}s]))`;
      const by = name === oldUtilisation ? utilFactor : factor;
      return by === 1 ? mean : `${mean} * ${by}`;
    })
    .join(' or ');
}

/** What vLLM's series say of the models of some instances, as far as they are there. */
export function loadQueries(
  matcher: string,
  { names }: Pick<Survey, 'names'>,
  { meanS, rateS }: Grid,
): readonly { readonly metric: LoadMetric; readonly query: string }[] {
  const there = (wanted: readonly string[]): readonly string[] => wanted.filter((name) => names.has(name));
  const mean = (how: 'sum' | 'avg') => (name: string) =>
    `${how} by (model_name) (avg_over_time(${name}{${matcher}}[${meanS}s]))`;
  const rate = (name: string, labels = 'model_name') =>
    `sum by (${labels}) (rate(${name}{${matcher}}[${rateS}s]))`;
  const [ttft] = vllmLatencies.ttft.filter((name) => names.has(`${name}_count`));
  const queries: readonly (readonly [LoadMetric, readonly string[]])[] = [
    ['running', there(['vllm:num_requests_running']).map(mean('sum'))],
    ['waiting', there(['vllm:num_requests_waiting']).map(mean('sum'))],
    ['kvCachePct', there(vllmMeans).map((name) => `${mean('avg')(name)} * 100`)],
    ['promptTokensPerSecond', there(['vllm:prompt_tokens_total']).map((name) => rate(name))],
    ['generationTokensPerSecond', there(['vllm:generation_tokens_total']).map((name) => rate(name))],
    [
      'ttftP50Ms',
      ttft === undefined
        ? []
        : [`histogram_quantile(0.5, ${rate(`${ttft}_bucket`, 'le, model_name')}) * 1000`],
    ],
  ];
  return queries.flatMap(([metric, some]) =>
    some.length === 0 ? [] : [{ metric, query: some.join(' or ') }],
  );
}
