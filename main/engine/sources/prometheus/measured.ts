/** What the gauges of GPUs say, GPU by GPU. Pure. */

import { type Labels, numberOf } from './answer.ts';
import { oldUtilisation } from './exporters/dcgm.ts';
import type { GpuLabels, Meaning } from './exporters/exporter.ts';
import { type GpuExporterKind, gpuExporters, type KnownGauge, knownGauges } from './exporters/registry.ts';
import { originOf } from './names.ts';
import type { TakeSample } from './text-samples.ts';

interface Found {
  readonly value: number;
  readonly rank: number;
}

export type Values = Partial<Record<Meaning, Found>>;

/** One GPU as one exporter measures it. */
export interface MeasuredGpu {
  readonly exporter: GpuExporterKind;
  readonly labels: GpuLabels;
  readonly values: Values;
  /** By the number of the MIG instance. */
  readonly instances: Map<string, { readonly profile: string | null; readonly values: Values }>;
}

/** By instance of an exporter, then by {@link gpuKey}. */
export type MeasuredGpus = Map<string, Map<string, MeasuredGpu>>;

/** What tells GPUs of one instance apart; null where nothing does. */
export function gpuKey({ uuid, index }: Pick<GpuLabels, 'uuid' | 'index'>): string | null {
  return uuid ?? (index === null ? null : `index ${index}`);
}

/** A GPU, or a MIG instance of it, as the labels of its gauges name it. */
interface NamedGpu {
  /** Of the exporter: see {@link originOf}. */
  readonly instance: string;
  readonly key: string;
  readonly exporter: GpuExporterKind;
  readonly labels: GpuLabels;
}

/** What one series says, and of which GPU. */
interface GaugeSeries extends Pick<KnownGauge, 'meaning' | 'factor' | 'rank'> {
  readonly gpu: NamedGpu;
}

/** What the series with these labels (JSON) says; null where nothing of it is read. */
export type SeriesBook = (labels: string) => GaugeSeries | null;

/** So many are remembered: more than are asked for, unless a server makes new ones up without end. */
const mostSeries = 1_000_000;

/** Reads the labels of each series every time; `utilFactor` makes per cents of dcgm-exporter's old utilisation. */
export function createSeriesReader(utilFactor: number): SeriesBook {
  const gpus = new Map<string, NamedGpu>();
  return (text) => seriesOf(labelsOf(text), gpus, utilFactor);
}

/** Reads them once, and remembers what they say. */
export function createSeriesBook(utilFactor: number): SeriesBook {
  const known = new Map<string, GaugeSeries | null>();
  const read = createSeriesReader(utilFactor);
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const series = read(text);
    if (known.size >= mostSeries) known.clear();
    // The text is a part of an answer, all of which it would keep in memory.
    known.set(Buffer.from(text).toString(), series);
    return series;
  };
}

function labelsOf(text: string): Labels {
  try {
    return JSON.parse(text) as Labels;
  } catch {
    // Whatever it is, it names no GPU.
    return {};
  }
}

/** The gauges of one GPU share what names it (`gpus`). */
function seriesOf(labels: Labels, gpus: Map<string, NamedGpu>, utilFactor: number): GaugeSeries | null {
  const { __name__: name = '' } = labels;
  const gauge = knownGauges.get(name);
  const [, instance] = originOf(labels) ?? [];
  if (gauge === undefined || instance === undefined) return null;
  const { exporter, meaning, rank } = gauge;
  const named = gpuExporters[exporter].labels(labels);
  const key = gpuKey(named);
  if (key === null) return null;
  const id = JSON.stringify([exporter, instance, key, named.index, named.instance]);
  const gpu = gpus.get(id) ?? { instance, key, exporter, labels: named };
  gpus.set(id, gpu);
  return { gpu, meaning, rank, factor: name === oldUtilisation ? utilFactor : gauge.factor };
}

/** Adds each sample that it is given. */
export function adderTo(found: MeasuredGpus, seriesOf: SeriesBook): TakeSample {
  return (labels, value) => {
    const series = seriesOf(labels);
    if (series === null) return;
    const number = meant(numberOf(value), series.meaning);
    if (number === null) return;
    const { gpu, meaning, factor, rank } = series;
    put(valuesOf(found, gpu), meaning, { value: number * factor, rank });
  };
}

function put(values: Values, meaning: Meaning, found: Found): void {
  const before = values[meaning];
  if (before === undefined || found.rank < before.rank) values[meaning] = found;
}

function valuesOf(found: MeasuredGpus, { instance, key, exporter, labels }: NamedGpu): Values {
  let gpus = found.get(instance);
  if (gpus === undefined) {
    gpus = new Map();
    found.set(instance, gpus);
  }
  let gpu = gpus.get(key);
  if (gpu === undefined) {
    gpu = { exporter, labels, values: {}, instances: new Map() };
    gpus.set(key, gpu);
  }
  if (labels.instance === null) return gpu.values;
  let mig = gpu.instances.get(labels.instance.id);
  if (mig === undefined) {
    mig = { profile: labels.instance.profile, values: {} };
    gpu.instances.set(labels.instance.id, mig);
  }
  return mig.values;
}

const sensors: ReadonlySet<Meaning> = new Set([
  'temperatureC',
  'powerW',
  'powerLimitW',
  'smClockMHz',
  'memClockMHz',
]);

/**
 * Leaves out the numbers for "nothing there": DCGM's ends of integers, and 2^47 for floats; the largest number of 16 or 32 bits,
 * and -1, of others.
 */
function meant(value: number | null, meaning: Meaning): number | null {
  if (value === null || value >= 9.2e18 || value === 0xff_ff_ff_ff) return null;
  if ((value < 0 && meaning !== 'temperatureC') || (value === 0xff_ff && sensors.has(meaning))) return null;
  if (value >= 0x7f_ff_ff_f0 && value <= 0x7f_ff_ff_ff) return null;
  return value >= 2 ** 47 && value <= 2 ** 47 + 16 ? null : value;
}
