import type { ExporterKind } from '#common/prometheus.ts';
import { allSmi } from './all-smi.ts';
import { amd } from './amd.ts';
import { dcgm } from './dcgm.ts';
import type { Gauge, GpuExporter } from './exporter.ts';
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
