/** What is asked of one source for the past of a host or a model server, and which line of a chart each series is. Pure. */

import { columnName, type GpuMetric, gpuMetrics } from '#common/history.ts';
import { plainText } from '#common/text.ts';
import { percentOrNull } from '../../../probe/tools/gpu-reading.ts';
import type { Labels } from '../answer.ts';
import type { Entry } from '../entries.ts';
import type { LabelPair } from '../exporters/exporter.ts';
import { type GpuExporterKind, gpuExporterKinds, gpuExporters } from '../exporters/registry.ts';
import { anyOf, escaped, longestMatcher } from '../matchers.ts';
import { portOf } from '../names.ts';
import type { Identity, Survey } from '../survey.ts';
import type { Grid } from './grid.ts';
import { gpuQuery, loadQueries } from './queries.ts';

export interface Question {
  readonly query: string;
  /** The column that a series is of; null: none. */
  lineOf(labels: Labels): Line | null;
  /** What a value says; null: nothing. */
  meant(value: number): number | null;
}

export interface Line {
  readonly column: string;
  /** Of a MIG instance: where nothing is known of its GPU as a whole, the sum of them is. */
  readonly isPart: boolean;
}

/** A host or model server as one source knows it. */
export interface Known {
  readonly entry: Pick<Entry, 'gpus'> & { readonly found: Pick<Entry['found'], 'name'> };
  readonly survey: Pick<Survey, 'names' | 'targets' | 'identities' | 'utilFactor'>;
}

/** So many GPUs or instances one query is about: with all MIG instances far below the series that a server answers at once. */
const mostAtOnce = 32;
/** More than any GPU has: what exporters say for "nothing there", averaged with other values, is above it. */
const mostMiB = 2 ** 27;

/** Of the GPUs of a host; none where the source measures none of it. The preferred exporter stands first. */
export function hostQuestions({ entry, survey }: Known, grid: Grid): readonly Question[] {
  const identities = identitiesOf({ entry, survey });
  const withMig = new Set(entry.gpus.filter(({ instances }) => instances !== null).map(({ uuid }) => uuid));
  return gpuExporterKinds.flatMap((exporter) =>
    matchersFor(gpuNames(identities, exporter)).flatMap((matcher) =>
      gpuMetrics.map(
        (metric): Question => ({
          query: gpuQuery({ exporter, metric, matcher, utilFactor: survey.utilFactor }, grid),
          lineOf: (labels) => gpuLine(labels, { exporter, metric, withMig }),
          meant: metric === 'utilPct' ? percentOrNull : memoryOrNull,
        }),
      ),
    ),
  );
}

/** Of the models that vLLM serves at a port of a host, 0 for one that is not known; none where the source does not know it. */
export function serverQuestions({ entry, survey }: Known, port: number, grid: Grid): readonly Question[] {
  const names = [...survey.targets]
    .filter(([instance, { host }]) => host === entry.found.name && (portOf(instance) ?? 0) === port)
    .map(([, { by }]) => by);
  return matchersFor(names).flatMap((matcher) =>
    loadQueries(matcher, survey, grid).map(
      ({ metric, query }): Question => ({
        query,
        lineOf: ({ model_name: model }) => ({
          column: columnName(model === undefined ? null : plainText(model, 300), metric),
          isPart: false,
        }),
        meant: (value) => (value < 0 ? null : metric === 'kvCachePct' ? Math.min(100, value) : value),
      }),
    ),
  );
}

type IdentityAt = readonly [exporter: LabelPair, identity: Identity];

function identitiesOf({ entry, survey }: Known): readonly IdentityAt[] {
  return [...survey.identities].flatMap(([instance, gpus]) => {
    const target = survey.targets.get(instance);
    return target?.host === entry.found.name
      ? [...gpus.values()].map((identity) => [target.by, identity] as const)
      : [];
  });
}

/** By UUID, which a GPU keeps when its exporter gets another address; by its exporter where it has none. */
function gpuNames(identities: readonly IdentityAt[], exporter: GpuExporterKind): readonly LabelPair[] {
  return identities
    .filter(([, identity]) => identity.exporter === exporter)
    .map(([by, { named }]) => named ?? by);
}

/** For exactly what is so named. */
function matchersFor(names: readonly LabelPair[]): readonly string[] {
  const values = new Map<string, Set<string>>();
  for (const [label, value] of names) values.set(label, (values.get(label) ?? new Set()).add(value));
  return [...values].flatMap(([label, some]) => inParts([...some]).map((part) => anyOf(label, part)));
}

/** Values that one matcher takes at once. */
function inParts(values: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [];
  let length = 0;
  for (const value of values) {
    const part = parts.at(-1);
    const more = escaped(value).length + 1;
    if (part === undefined || part.length >= mostAtOnce || length + more > longestMatcher) {
      parts.push([value]);
      length = more;
    } else {
      part.push(value);
      length += more;
    }
  }
  return parts;
}

interface GpuLine {
  readonly exporter: GpuExporterKind;
  readonly metric: GpuMetric;
  /** The UUIDs of GPUs with MIG on. */
  readonly withMig: ReadonlySet<string>;
}

function gpuLine(labels: Labels, { exporter, metric, withMig }: GpuLine): Line | null {
  const { vendor } = gpuExporters[exporter];
  const { uuid: known, index, instance } = gpuExporters[exporter].labels(labels);
  if (known === null && index === null) return null;
  // As the reading of a GPU without one has it.
  const uuid = known ?? `${vendor}-${index}`;
  const isPart = instance !== null;
  // The driver does not measure a GPU with MIG on, nor its instances.
  if (metric === 'utilPct' && (isPart || withMig.has(uuid))) return null;
  return { column: columnName(uuid, metric), isPart };
}

function memoryOrNull(mib: number): number | null {
  return mib < 0 || mib >= mostMiB ? null : mib;
}
