/** GPUs from what their gauges say. Pure. */

import type { GpuJob, MigInstance } from '#common/hosts.ts';
import { plainText } from '#common/text.ts';
import { type GpuReading, inOrder, noDetails, percentOrNull } from '../../probe/tools/gpu-reading.ts';
import type { GpuLabels, Meaning } from './exporters/exporter.ts';
import { gpuExporterKinds, gpuExporters } from './exporters/registry.ts';
import type { MeasuredGpu, Values } from './measured.ts';

/** A GPU as it was measured, and what the survey knows of it. */
export interface IdentifiedGpu {
  readonly gpu: MeasuredGpu;
  /** What its series of identity say. */
  readonly identity: GpuLabels | null;
  /** What stays the same. */
  readonly constant: MeasuredGpu | null;
}

/** The GPUs of one host, each once: what a less preferred exporter says fills what the first leaves open. */
export function gpusOf(measured: readonly IdentifiedGpu[]): readonly GpuReading[] {
  const byUuid = new Map<string, GpuReading>();
  const preferred = [...measured].sort(
    (a, b) => gpuExporterKinds.indexOf(a.gpu.exporter) - gpuExporterKinds.indexOf(b.gpu.exporter),
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

function readingOf({ gpu, identity, constant }: IdentifiedGpu, at: number): GpuReading {
  const { exporter, labels, values } = gpu;
  const { vendor } = gpuExporters[exporter];
  const index = labels.index ?? identity?.index ?? at;
  const number = (meaning: Meaning): number | null => values[meaning]?.value ?? null;
  const instances = [...gpu.instances].map(([id, one]) => instanceOf(id, one, constant?.instances.get(id)));
  const job = identity?.job ?? null;
  const reading: GpuReading = {
    vendor,
    index,
    uuid: labels.uuid ?? identity?.uuid ?? `${vendor}-${index}`,
    name: identity?.name ?? labels.name ?? 'GPU',
    // The driver does not measure a GPU with MIG on, and its 0 would say that it is idle.
    utilPct: instances.length > 0 ? null : percentOrNull(round(number('utilPct') ?? number('enginePct'))),
    memUsedMiB: round(number('memUsedMiB') ?? sumOf(instances, ({ memUsedMiB }) => memUsedMiB)),
    memTotalMiB: round(totalOf(constant?.values) ?? sumOf(instances, ({ memTotalMiB }) => memTotalMiB)),
    temperatureC: round(number('temperatureC')),
    powerW: round(number('powerW')),
    unifiedMemory: false,
    instances: instances.length > 0 ? instances : null,
    details: {
      ...noDetails,
      powerLimitW: round(constant?.values.powerLimitW?.value ?? null),
      fanPct: percentOrNull(round(number('fanPct'))),
      smClockMHz: round(number('smClockMHz')),
      memClockMHz: round(number('memClockMHz')),
      pciBusId: identity?.pciBusId ?? labels.pciBusId,
    },
    processes: [],
    problem: problemOf(number),
  };
  return job === null ? reading : { ...reading, job: plainJob(job) };
}

/** Users of a cluster name their jobs and pods. */
function plainJob({ user, job, pod }: GpuJob): GpuJob {
  const plain = (text: string | null): string | null => plainText(text ?? '', 100) || null;
  return { user: plain(user), job: plain(job), pod: plain(pod) };
}

type MeasuredInstance = MeasuredGpu['instances'] extends ReadonlyMap<string, infer One> ? One : never;

/** An instance that was made anew, with its number but another profile, has another memory than it had (`constant`). */
function instanceOf(
  id: string,
  { profile, values }: MeasuredInstance,
  constant: MeasuredInstance | undefined,
): MigInstance {
  return {
    index: /^\d{1,4}$/.test(id) ? Number(id) : 0,
    uuid: null,
    profile,
    memUsedMiB: round(values.memUsedMiB?.value ?? null),
    memTotalMiB: constant?.profile === profile ? round(totalOf(constant.values)) : null,
    processes: [],
  };
}

/** Before 4.9 the exporter says only the parts; the reserved one may be absent, and the sum is then a little short. */
function totalOf({ memTotalMiB, memUsedMiB, memFreeMiB, memReservedMiB }: Values = {}): number | null {
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
