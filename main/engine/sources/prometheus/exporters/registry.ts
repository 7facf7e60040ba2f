import type { ExporterKind } from '#common/prometheus.ts';
import { allSmi } from './all-smi.ts';
import { amd } from './amd.ts';
import { dcgm } from './dcgm.ts';
import type { Gauge, GpuExporter, Meaning } from './exporter.ts';
import { nvidiaGpuExporter } from './nvidia-gpu-exporter.ts';

export type GpuExporterKind = Exclude<ExporterKind, 'node-exporter' | 'vllm'>;

/** In the order in which they are preferred: a GPU that two of them measure is the first one's. */
export const gpuExporters: Readonly<Record<GpuExporterKind, GpuExporter>> = {
  dcgm,
  'nvidia-gpu-exporter': nvidiaGpuExporter,
  amd,
  'all-smi': allSmi,
};

export const gpuExporterKinds = Object.keys(gpuExporters) as readonly GpuExporterKind[];

export interface KnownGauge extends Gauge {
  readonly exporter: GpuExporterKind;
}

/** Every series that is read of a GPU, by name. */
export const knownGauges: ReadonlyMap<string, KnownGauge> = new Map(
  gpuExporterKinds.flatMap((exporter) =>
    Object.entries(gpuExporters[exporter].gauges).map(([name, one]) => [name, { ...one, exporter }] as const),
  ),
);

/** What stays the same as long as the GPU does, and what is 0 unless something is wrong with it; all else moves. */
const constant: ReadonlySet<Meaning> = new Set([
  'memFreeMiB',
  'memReservedMiB',
  'memTotalMiB',
  'powerLimitW',
]);
const fault: ReadonlySet<Meaning> = new Set(['xid', 'remapFailed', 'recoveryAction']);

export interface GaugesByPace {
  readonly moving: readonly string[];
  /** With the memory in use: what is free is not constant, but the sum of both is. */
  readonly constant: readonly string[];
  readonly faults: readonly string[];
}

/** These gauges by how often they have to be asked for. */
export function byPace(names: readonly string[]): GaugesByPace {
  const isOf = (meanings: ReadonlySet<Meaning>, name: string): boolean => {
    const meaning = knownGauges.get(name)?.meaning;
    return meaning !== undefined && meanings.has(meaning);
  };
  const used: ReadonlySet<Meaning> = new Set(['memUsedMiB']);
  return {
    moving: names.filter((name) => !isOf(constant, name) && !isOf(fault, name)),
    constant: names.some((name) => isOf(constant, name))
      ? names.filter((name) => isOf(constant, name) || isOf(used, name))
      : [],
    faults: names.filter((name) => isOf(fault, name)),
  };
}
