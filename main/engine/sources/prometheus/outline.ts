/** How much there is behind a Prometheus, before anything of it is read, and in which parts it is. */

import { AppError } from '#common/failure.ts';
import { exporterKinds } from '#common/prometheus.ts';
import { numberOf } from './answer.ts';
import type { PrometheusClient } from './client.ts';
import {
  byPace,
  type GaugesByPace,
  gpuExporterKinds,
  gpuExporters,
  knownGauges,
} from './exporters/registry.ts';
import { splitByInstance } from './prefixes.ts';
import * as queries from './queries.ts';

/** Above so many series a query is split. */
const mostSeriesAtOnce = 20_000;
/** So many are in the part that is shown before all of them. */
const seriesAtFirst = 5000;
/** Above so many of all GPUs nothing is asked. */
const mostSeries = 500_000;

export interface Outline {
  /** How many series of each name there are. */
  readonly names: ReadonlyMap<string, number>;
  /** The names of gauges that are there. */
  readonly paces: GaugesByPace;
  readonly series: number;
  /** By which the queries of all GPUs are split: each instance is in one of them. */
  readonly matchers: readonly string[];
  /** A small part of all GPUs, which is read first; null where all are few. */
  readonly first: string | null;
  readonly hasModels: boolean;
  readonly partial: string | null;
}

/** Errors: those of the client; `source-empty` without any series of a GPU or model; `source-too-many`. */
export async function outlineOf(client: PrometheusClient, signal: AbortSignal): Promise<Outline> {
  const { items, partial } = await client.instant(queries.countNames, signal);
  const names = new Map(items.map(({ metric, value }) => [metric.__name__ ?? '', numberOf(value[1]) ?? 0]));
  const gauges = [...knownGauges.keys()].filter((name) => names.has(name));
  const series = gauges.reduce((sum, name) => sum + (names.get(name) ?? 0), 0);
  const hasModels = names.has(queries.vllmSums[0]);
  if (gauges.length === 0 && !hasModels)
    throw new AppError('source-empty', { step: 'probe', detail: `looked for ${exporterKinds.join(', ')}` });
  if (series > mostSeries)
    throw new AppError('source-too-many', {
      step: 'probe',
      detail: `${series} series of GPUs; at most ${mostSeries} are read`,
    });
  const parts = { names, paces: byPace(gauges), series, hasModels, partial };
  if (series <= mostSeriesAtOnce) return { ...parts, matchers: [''], first: null };
  const counts = await countsOf(client, gauges, signal);
  const [first = null] = splitByInstance(counts, seriesAtFirst);
  return { ...parts, matchers: splitByInstance(counts, mostSeriesAtOnce), first };
}

/** The GPUs of the first part alone, which are there long before all are; null where all are few. */
export function firstPartOf(outline: Outline): Outline | null {
  const { first } = outline;
  if (first === null) return null;
  const names = new Map([...outline.names].filter(([name]) => isOfGpus(name) || name === 'node_uname_info'));
  return { ...outline, names, matchers: [first], hasModels: false };
}

function isOfGpus(name: string): boolean {
  return (
    knownGauges.has(name) ||
    gpuExporterKinds.some((kind) => gpuExporters[kind].identity.flat().includes(name))
  );
}

/** How many series each instance has. */
async function countsOf(
  client: PrometheusClient,
  gauges: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { items } = await client.instant(queries.seriesByInstance(gauges), signal);
  return new Map(items.map(({ metric, value }) => [metric.instance ?? '', numberOf(value[1]) ?? 0]));
}
