/** GPUs from the series of their gauges. Pure. */

import type { GpuJob, MigInstance } from '#common/hosts.ts';
import { plainText } from '#common/text.ts';
import { type GpuReading, inOrder, noDetails, percentOrNull } from '../../probe/tools/gpu-reading.ts';
import { type Labels, numberOf, type RawSample } from './answer.ts';
import { oldUtilisation } from './exporters/dcgm.ts';
import type { GpuLabels, Meaning } from './exporters/exporter.ts';
import { type GpuExporterKind, gpuExporterKinds, gpuExporters, knownGauges } from './exporters/registry.ts';

interface Found {
  readonly value: number;
  readonly rank: number;
}

type Values = Partial<Record<Meaning, Found>>;

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

/** Adds the samples of an answer; `utilFactor` makes per cents of dcgm-exporter's old utilisation. */
export function addSamples(found: MeasuredGpus, samples: readonly RawSample[], utilFactor: number): void {
  for (const { metric, value } of samples) {
    const name = metric.__name__ ?? '';
    const known = knownGauges.get(name);
    const { instance } = metric;
    const number = known === undefined ? null : meant(numberOf(value[1]));
    if (known === undefined || number === null || typeof instance !== 'string') continue;
    const gpu = gpuAt(found, instance, known.exporter, metric);
    if (gpu === null) continue;
    const factor = name === oldUtilisation ? utilFactor : known.factor;
    const scaled = { value: number * factor, rank: known.rank };
    put(gpu, known.meaning, scaled);
  }
}

function put(values: Values, meaning: Meaning, found: Found): void {
  const before = values[meaning];
  if (before === undefined || found.rank < before.rank) values[meaning] = found;
}

function gpuAt(
  found: MeasuredGpus,
  instance: string,
  exporter: GpuExporterKind,
  metric: Labels,
): Values | null {
  const labels = gpuExporters[exporter].labels(metric);
  const key = gpuKey(labels);
  if (key === null) return null;
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

/** DCGM's numbers for "nothing there": the ends of its integers, and 2^47 for floats. */
function meant(value: number | null): number | null {
  if (value === null || value >= 9.2e18) return null;
  if (value >= 0x7f_ff_ff_f0 && value <= 0x7f_ff_ff_ff) return null;
  return value >= 2 ** 47 && value <= 2 ** 47 + 16 ? null : value;
}

/** A GPU with what its series of identity say of it. */
export interface IdentifiedGpu extends MeasuredGpu {
  readonly identity: GpuLabels | null;
}

/** The GPUs of one host, each once: what a less preferred exporter says fills what the first leaves open. */
export function gpusOf(measured: readonly IdentifiedGpu[]): readonly GpuReading[] {
  const byUuid = new Map<string, GpuReading>();
  const preferred = [...measured].sort(
    (a, b) => gpuExporterKinds.indexOf(a.exporter) - gpuExporterKinds.indexOf(b.exporter),
  );
  for (const [at, gpu] of preferred.entries()) {
    const reading = readingOf(gpu, at);
    const known = byUuid.get(reading.uuid);
    byUuid.set(reading.uuid, known === undefined ? reading : filled(known, reading));
  }
  return inOrder(byUuid.values());
}

function filled(gpu: GpuReading, other: GpuReading): GpuReading {
  return {
    ...gpu,
    utilPct: gpu.utilPct ?? other.utilPct,
    memUsedMiB: gpu.memUsedMiB ?? other.memUsedMiB,
    memTotalMiB: gpu.memTotalMiB ?? other.memTotalMiB,
    temperatureC: gpu.temperatureC ?? other.temperatureC,
    powerW: gpu.powerW ?? other.powerW,
    processes: gpu.processes.length > 0 ? gpu.processes : other.processes,
    problem: gpu.problem ?? other.problem,
  };
}

function readingOf(gpu: IdentifiedGpu, at: number): GpuReading {
  const { exporter, labels, identity, values } = gpu;
  const { vendor } = gpuExporters[exporter];
  const index = labels.index ?? identity?.index ?? at;
  const number = (meaning: Meaning): number | null => values[meaning]?.value ?? null;
  const instances = [...gpu.instances].map(([id, one]) => instanceOf(id, one));
  const job = identity?.job ?? null;
  return {
    vendor,
    index,
    uuid: labels.uuid ?? identity?.uuid ?? `${vendor}-${index}`,
    name: identity?.name ?? labels.name ?? 'GPU',
    // The driver does not measure a GPU with MIG on, and its 0 would say that it is idle.
    utilPct: instances.length > 0 ? null : percentOrNull(round(number('utilPct') ?? number('enginePct'))),
    memUsedMiB: round(number('memUsedMiB') ?? sumOf(instances, ({ memUsedMiB }) => memUsedMiB)),
    memTotalMiB: round(totalOf(values) ?? sumOf(instances, ({ memTotalMiB }) => memTotalMiB)),
    temperatureC: round(number('temperatureC')),
    powerW: round(number('powerW')),
    unifiedMemory: false,
    instances: instances.length > 0 ? instances : null,
    details: {
      ...noDetails,
      powerLimitW: round(number('powerLimitW')),
      fanPct: percentOrNull(round(number('fanPct'))),
      smClockMHz: round(number('smClockMHz')),
      memClockMHz: round(number('memClockMHz')),
      pciBusId: identity?.pciBusId ?? labels.pciBusId,
    },
    processes: [],
    problem: problemOf(number),
    ...(job !== null && { job: plainJob(job) }),
  };
}

/** Users of a cluster name their jobs and pods. */
function plainJob({ user, job, pod }: GpuJob): GpuJob {
  const plain = (text: string | null): string | null => plainText(text ?? '', 100) || null;
  return { user: plain(user), job: plain(job), pod: plain(pod) };
}

function instanceOf(
  id: string,
  { profile, values }: { readonly profile: string | null; readonly values: Values },
): MigInstance {
  return {
    index: /^\d{1,4}$/.test(id) ? Number(id) : 0,
    uuid: null,
    profile,
    memUsedMiB: round(values.memUsedMiB?.value ?? null),
    memTotalMiB: round(totalOf(values)),
    processes: [],
  };
}

/** Before 4.9 the exporter says only the parts; the reserved one may be absent, and the sum is then a little short. */
function totalOf({ memTotalMiB, memUsedMiB, memFreeMiB, memReservedMiB }: Values): number | null {
  if (memTotalMiB !== undefined) return memTotalMiB.value;
  if (memUsedMiB === undefined || memFreeMiB === undefined) return null;
  return memUsedMiB.value + memFreeMiB.value + (memReservedMiB?.value ?? 0);
}

/** Xids after which a GPU has to be reset or replaced; others are faults of programs (NVIDIA's catalogue of Xids). */
const seriousXids = new Set([48, 62, 64, 74, 79, 95, 109, 110, 119, 120, 136, 140, 143, 155, 156, 158]);

function problemOf(number: (meaning: Meaning) => number | null): string | null {
  if ((number('recoveryAction') ?? 0) > 0) return 'GPU recovery action required';
  if ((number('remapFailed') ?? 0) > 0) return 'row remapping failed';
  const xid = number('xid');
  return xid !== null && seriousXids.has(xid) ? `Xid ${xid}` : null;
}

function sumOf<Item>(items: readonly Item[], of: (item: Item) => number | null): number | null {
  const known = items.map(of).filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

function round(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
