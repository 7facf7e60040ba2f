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
/** Of more GPUs some are shown before the others: as many as have some 5,000 series. */
const fewGpus = 2500;
const gpusAtFirst = 600;
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
  readonly hasModels: boolean;
  readonly partial: string | null;
}

/** Errors: those of the client; `source-empty` without any series of a GPU or model; `source-too-many`. */
export async function outlineOf(client: PrometheusClient, signal: AbortSignal): Promise<Outline> {
  const outline = await outlineOfPart(client, '', signal);
  const { series, paces } = outline;
  if (series > mostSeries)
    throw new AppError('source-too-many', {
      step: 'probe',
      detail: `${series} series of GPUs; at most ${mostSeries} are read`,
    });
  if (series <= mostSeriesAtOnce) return outline;
  const gauges = [...new Set(Object.values(paces).flat())];
  const counts = await countsOf(client, queries.seriesByInstance(gauges), signal);
  return { ...outline, matchers: splitByInstance(counts, mostSeriesAtOnce) };
}

/**
 * Some GPUs alone; null where all are few. One series of each GPU says how many there are: to count all of a large fleet takes as
 * long as to read and show these. Errors: as of {@link outlineOf}.
 */
export async function firstOutlineOf(client: PrometheusClient, signal: AbortSignal): Promise<Outline | null> {
  const counts = await countsOf(client, queries.gpusByInstance, signal);
  const [matcher = ''] = splitByInstance(counts, gpusAtFirst);
  const gpus = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (gpus <= fewGpus || matcher === '') return null;
  const part = await outlineOfPart(client, matcher, signal);
  const ofGpus = [...part.names].filter(([name]) => isOfGpus(name));
  // The instances of node_exporter, which says what hosts are called, are others.
  return { ...part, names: new Map([...ofGpus, ['node_uname_info', 1]]), hasModels: false };
}

/** Of all instances that the matcher has, which are asked for at once. */
async function outlineOfPart(
  client: PrometheusClient,
  matcher: string,
  signal: AbortSignal,
): Promise<Outline> {
  const { items, partial } = await client.instant(queries.countNames(matcher), signal);
  const names = new Map(items.map(({ metric, value }) => [metric.__name__ ?? '', numberOf(value[1]) ?? 0]));
  const gauges = [...knownGauges.keys()].filter((name) => names.has(name));
  const series = gauges.reduce((sum, name) => sum + (names.get(name) ?? 0), 0);
  const hasModels = names.has(queries.vllmSums[0]);
  if (gauges.length === 0 && !hasModels)
    throw new AppError('source-empty', { step: 'probe', detail: `looked for ${exporterKinds.join(', ')}` });
  return { names, paces: byPace(gauges), series, matchers: [matcher], hasModels, partial };
}

function isOfGpus(name: string): boolean {
  return (
    knownGauges.has(name) ||
    gpuExporterKinds.some((kind) => gpuExporters[kind].identity.flat().includes(name))
  );
}

/** What a query counts of each instance. */
async function countsOf(
  client: PrometheusClient,
  query: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { items } = await client.instant(query, signal);
  return new Map(items.map(({ metric, value }) => [metric.instance ?? '', numberOf(value[1]) ?? 0]));
}
