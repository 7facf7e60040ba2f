/** What the exporters of GPUs have in common: series by name, each with a meaning and a unit, and labels that name the GPU. */

import type { GpuVendor } from '#common/gpu-tools.ts';
import type { Labels } from '../answer.ts';

/** What a series says of a GPU, after its factor. */
export type Meaning =
  | 'utilPct'
  /** How long its engine was active, which is known of a MIG instance as well. */
  | 'enginePct'
  | 'memUsedMiB'
  | 'memFreeMiB'
  | 'memReservedMiB'
  | 'memTotalMiB'
  | 'temperatureC'
  | 'powerW'
  | 'powerLimitW'
  | 'smClockMHz'
  | 'memClockMHz'
  | 'fanPct'
  /** The number of the latest Xid. */
  | 'xid'
  | 'remapFailed'
  | 'recoveryAction';

export interface Gauge {
  readonly meaning: Meaning;
  /** What its number is multiplied by. */
  readonly factor: number;
  /** Where several say the same, the one of the lowest rank is taken; they are never added. */
  readonly rank: number;
}

/** What the labels of a series say of its GPU; null is unknown. */
export interface GpuLabels {
  readonly index: number | null;
  /** As the vendor's own tools write it. */
  readonly uuid: string | null;
  readonly name: string | null;
  readonly pciBusId: string | null;
  readonly driverVersion: string | null;
  /** The number of the MIG instance on its GPU, which the series is of, and its profile. */
  readonly instance: { readonly id: string; readonly profile: string | null } | null;
  /** Who the scheduler gave it to. */
  readonly job: {
    readonly user: string | null;
    readonly job: string | null;
    readonly pod: string | null;
  } | null;
}

/** Reads the series of one exporter. */
export interface GpuExporter {
  readonly vendor: GpuVendor;
  /** By name. */
  readonly gauges: Readonly<Record<string, Gauge>>;
  /** Series of which each GPU has one with all labels: of each list the first that is there is asked for. */
  readonly identity: readonly (readonly string[])[];
  labels(labels: Labels): GpuLabels;
  /** The labels that hold the UUID, of which a series has one. */
  readonly uuidLabels: readonly string[];
}

export type LabelPair = readonly [label: string, value: string];

/** A gauge that is read unless another of a lower rank is there. */
export const gauge = (meaning: Meaning, factor = 1, rank = 0): Gauge => ({ meaning, factor, rank });

export const bytesToMiB = 1 / 1_048_576;

const longestLabel = 200;

/** The first of the labels that says something. */
export function labelOf(labels: Labels, ...names: readonly string[]): string | null {
  const [, value] = firstOf(labels, names) ?? [];
  return value === undefined ? null : value.slice(0, longestLabel);
}

/** The first of the labels that says something, with its whole value; null where that is too long to be asked for. */
export function pairOf(labels: Labels, names: readonly string[]): LabelPair | null {
  const pair = firstOf(labels, names);
  return pair === null || pair[1].length > longestLabel ? null : pair;
}

function firstOf(labels: Labels, names: readonly string[]): LabelPair | null {
  for (const name of names) {
    const value = labels[name];
    if (typeof value === 'string' && value !== '') return [name, value];
  }
  return null;
}

export function indexOf(text: string | null): number | null {
  return text !== null && /^\d{1,4}$/.test(text) ? Number(text) : null;
}

/** A UUID of NVIDIA's with the `GPU-` in front that its own tools write, whether or not the exporter does. */
export function nvidiaUuid(text: string | null): string | null {
  if (text === null) return null;
  return /^[0-9a-f]{8}-[0-9a-f-]{20,40}$/i.test(text) ? `GPU-${text.toLowerCase()}` : text;
}

/**
 * Who holds a GPU, by the labels of Kubernetes; with honor_labels off Prometheus renames them, and `pod` is the exporter's own
 * then, which holds nothing.
 */
export function podOf(labels: Labels): string | null {
  const renamed = labelOf(labels, 'exported_pod');
  const namespace = labelOf(labels, ...(renamed === null ? ['namespace'] : ['exported_namespace']));
  const pod = renamed ?? labelOf(labels, 'pod', 'pod_name');
  const isExporter = renamed === null && /exporter/.test(`${pod} ${labels.container ?? ''}`);
  if (pod === null || isExporter) return null;
  return namespace === null ? pod : `${namespace}/${pod}`;
}
