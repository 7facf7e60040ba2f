/** What there is behind a Prometheus: exporters, GPUs and the hosts they are on. Asked every few minutes. */

import { type ExporterKind, exporterKinds } from '#common/prometheus.ts';
import { type Answer, type Labels, noSamples, numberOf, type RawSample } from './answer.ts';
import type { PrometheusClient } from './client.ts';
import { type GpuLabels, type LabelPair, pairOf } from './exporters/exporter.ts';
import { type GpuExporterKind, gpuExporterKinds, gpuExporters } from './exporters/registry.ts';
import { constantsOf } from './gauges.ts';
import { createSeriesBook, gpuKey, type MeasuredGpus, type SeriesBook } from './measured.ts';
import { hostNameOf, hostPartOf, type Naming, originOf, placeLabels } from './names.ts';
import { type Outline, outlineOf } from './outline.ts';
import * as queries from './queries.ts';
import { scrapeOf, someOf, utilFactorOf } from './sampling.ts';

const usualScrapeMs = 30_000;

/** What the series of identity say of a GPU, and by which label it is found again in those of its gauges. */
export interface Identity extends GpuLabels {
  readonly exporter: GpuExporterKind;
  /** The label that holds its UUID, with its text unchanged; null where it has none. */
  readonly named: LabelPair | null;
}

/** One exporter. */
export interface Target {
  /** The label that names it. */
  readonly by: LabelPair;
  /** The instance that Prometheus scrapes: another one where the exporter's series are passed on. */
  readonly scraped: string;
  readonly host: string;
  readonly job: string;
  /** Of the host: cluster, rack, team. */
  readonly labels: Labels;
}

export interface Survey extends Outline {
  /** By instance (see {@link originOf}): exporters of GPUs and vLLM. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly identities: ReadonlyMap<string, ReadonlyMap<string, Identity>>;
  /** By the host part of an instance. */
  readonly nodeNames: ReadonlyMap<string, string>;
  readonly cpuCounts: ReadonlyMap<string, number>;
  /** A series that each GPU exporter's instances have, by which it is known when they were sampled. */
  readonly sampled: readonly string[];
  readonly scrapeMs: number | null;
  /** Makes per cents of dcgm-exporter's old utilisation. */
  readonly utilFactor: 1 | 100;
  /** Of the gauges. */
  readonly seriesOf: SeriesBook;
  /** What stays the same of each GPU; with the memory that was in use at the time. */
  readonly constants: MeasuredGpus;
}

/** The labels that the person chose; empty: none. */
export interface ChosenLabels {
  /** Names the host. */
  readonly hostLabel: string;
  /** Names its group. */
  readonly groupLabel?: string;
}

/** Of all that there is, or of the part that `outline` has. Errors: those of the client and of {@link outlineOf}. */
export async function survey(
  client: PrometheusClient,
  chosen: ChosenLabels,
  signal: AbortSignal,
  outline?: Outline,
): Promise<Survey> {
  const outlined = outline ?? (await outlineOf(client, signal));
  const { names, matchers, hasModels } = outlined;
  const seen = await lookAround(client, { names, matchers }, signal);
  const { targets, identities, nodeNames } = whatIs(seen, chosen);
  const sampled = [...seen.identityNames, ...(hasModels ? [queries.vllmSums[0]] : [])];
  const some = someOf(targets);
  const [scrapeMs, utilFactor] = await Promise.all([
    scrapeOf(client, sampled[0], some.slice(0, 1), signal),
    utilFactorOf(client, outlined, some, signal),
  ]);
  const constants = await constantsOf(client, { ...outlined, utilFactor }, signal);
  const partials = [outlined, constants, ...seen.identified, seen.unames, seen.cpus, seen.models];
  return {
    ...outlined,
    targets,
    identities,
    nodeNames,
    cpuCounts: new Map(
      seen.cpus.items.map(({ metric, value }) => [
        hostPartOf(originOf(metric)?.[1] ?? ''),
        numberOf(value[1]) ?? 0,
      ]),
    ),
    sampled,
    scrapeMs,
    utilFactor,
    seriesOf: createSeriesBook(utilFactor),
    constants: constants.constants,
    partial: partials.map(({ partial }) => partial).find((partial) => partial !== null) ?? null,
  };
}

interface Seen {
  /** For each GPU exporter that is there. */
  readonly identityNames: readonly string[];
  readonly identified: readonly (Answer<RawSample> & { readonly kind: GpuExporterKind })[];
  readonly unames: Answer<RawSample>;
  readonly cpus: Answer<RawSample>;
  readonly models: Answer<RawSample>;
}

/** Series with all their labels. */
async function lookAround(
  client: PrometheusClient,
  { names, matchers }: Pick<Survey, 'names' | 'matchers'>,
  signal: AbortSignal,
): Promise<Seen> {
  const there = gpuExporterKinds.flatMap((kind) =>
    gpuExporters[kind].identity.flatMap((group) => {
      const name = group.find((one) => names.has(one));
      return name === undefined ? [] : [{ kind, name }];
    }),
  );
  const ask = (name: string, query: string): Promise<Answer<RawSample>> =>
    names.has(name) ? client.instant(query, signal) : Promise.resolve(noSamples);
  const [identified, unames, cpus, models] = await Promise.all([
    Promise.all(
      there.flatMap(({ kind, name }) =>
        matchers.map(async (matcher) => ({
          kind,
          ...(await client.instant(queries.identityQuery(name, matcher), signal)),
        })),
      ),
    ),
    ask('node_uname_info', 'node_uname_info'),
    ask('node_load1', queries.cpuCountQuery),
    ask(queries.vllmSums[0], queries.vllmSums[0]),
  ]);
  return { identityNames: there.map(({ name }) => name), identified, unames, cpus, models };
}

function whatIs(
  { identified, unames, models }: Seen,
  { hostLabel, groupLabel = '' }: ChosenLabels,
): Pick<Survey, 'targets' | 'identities' | 'nodeNames'> {
  const nodeNames = new Map(
    unames.items.flatMap(({ metric }) => {
      const [, instance] = originOf(metric) ?? [];
      const { nodename } = metric;
      return instance === undefined || nodename === undefined
        ? []
        : [[hostPartOf(instance), nodename] as const];
    }),
  );
  const targets = new Map<string, Target>();
  const identities = new Map<string, Map<string, Identity>>();
  const naming = { hostLabel, groupLabel, nodeNames };
  for (const { kind, items } of identified)
    for (const { metric } of items) {
      const exporter = gpuExporters[kind];
      const labels = exporter.labels(metric);
      const key = gpuKey(labels);
      const [, instance] = originOf(metric) ?? [];
      if (instance === undefined || key === null) continue;
      addTarget(targets, metric, naming);
      const gpus = identities.get(instance) ?? new Map<string, Identity>();
      const named = pairOf(metric, exporter.uuidLabels);
      gpus.set(key, merged(gpus.get(key), { ...labels, exporter: kind, named }));
      identities.set(instance, gpus);
    }
  for (const { metric } of models.items) addTarget(targets, metric, naming);
  return { targets, identities, nodeNames };
}

/** How often exporters are scraped, or what is usual where that is not known. */
export function scrapeOrUsual({ scrapeMs }: Pick<Survey, 'scrapeMs'>): number {
  return scrapeMs ?? usualScrapeMs;
}

/** Which exporters these names are of, with the number of their series. */
export function exportersOf(names: Survey['names']): readonly { kind: ExporterKind; series: number }[] {
  const count = (belongs: (name: string) => boolean): number =>
    [...names].reduce((sum, [name, series]) => sum + (belongs(name) ? series : 0), 0);
  return exporterKinds
    .map((kind) => ({
      kind,
      series: count((name) => {
        if (kind === 'node-exporter') return name.startsWith('node_');
        if (kind === 'vllm') return name.startsWith('vllm:');
        return (
          Object.hasOwn(gpuExporters[kind].gauges, name) || gpuExporters[kind].identity.flat().includes(name)
        );
      }),
    }))
    .filter(({ series }) => series > 0);
}

function addTarget(
  targets: Map<string, Target>,
  metric: Labels,
  naming: Naming & Required<Pick<ChosenLabels, 'groupLabel'>>,
): void {
  const by = originOf(metric);
  if (by === null || targets.has(by[1])) return;
  const host = hostNameOf(metric, naming);
  if (host === null) return;
  const { instance: scraped = '', job = '' } = metric;
  targets.set(by[1], { by, scraped, host, job, labels: placeLabels(metric, naming.groupLabel) });
}

/** A GPU that several pods share has several series. */
function merged(known: Identity | undefined, labels: Identity): Identity {
  if (known === undefined) return labels;
  return { ...known, job: known.job ?? labels.job, instance: null };
}
