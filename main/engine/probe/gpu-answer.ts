/** What the frames of script.ts say of a host's GPUs, whichever tool it has. Pure. */

import { AppError } from '#common/errors.ts';
import type { AmdProcess } from './amd.ts';
import { parseAmdSmi, parseAmdSmiProcesses } from './amd-smi.ts';
import type { Frame, Part } from './frames.ts';
import type { GpuReading, GpuTable } from './gpu-reading.ts';
import { joinInstances, type MigReading, parseMig } from './mig.ts';
import { parseGpus } from './nvidia.ts';
import { type GpuApp, joinProcesses, type ProcessInfo, parseGpuApps, parsePs } from './processes.ts';
import { parseRocmPids, parseRocmSmi } from './rocm-smi.ts';

/** Who is on the GPUs: read less often than their load, and joined to every sample. */
export interface Occupancy {
  readonly apps: readonly GpuApp[];
  readonly processes: ReadonlyMap<number, ProcessInfo>;
  readonly instances: ReadonlyMap<string, MigReading>;
  /** Milliseconds since the epoch. */
  readonly readAt: number;
}

export interface ReadTableOptions {
  /** The nvidia-smi columns that were asked for. */
  readonly columns: readonly string[];
  /** amd-smi's `static`, once it is known. */
  readonly amdFacts: string;
  readonly timeoutMs: number;
}

/** The answer to `gpus`. Never throws: a tool that hung is the table's failure `gpu-tool-hung`. */
export function readTable(frame: Frame, { columns, amdFacts, timeoutMs }: ReadTableOptions): GpuTable {
  const gpus = partOf(frame, 'gpus');
  if (gpus !== undefined) return parseGpus(gpus.text, gpus.code, columns);
  const metric = partOf(frame, 'metric');
  if (metric !== undefined)
    return parseAmdSmi({ metric: metric.text, metricCode: metric.code, static: amdFacts });
  const rocm = partOf(frame, 'rocm');
  if (rocm !== undefined) return parseRocmSmi(rocm.text, rocm.code);
  return { gpus: [], driverVersion: null, failure: hung(frame, timeoutMs) };
}

function hung(frame: Frame, timeoutMs: number): AppError {
  const pid = /^\d+/.exec(partOf(frame, 'hung')?.text ?? '')?.[0];
  const detail = pid === undefined ? `killed after ${timeoutMs} ms` : `process ${pid} cannot be killed`;
  return new AppError('gpu-tool-hung', { step: 'probe', detail });
}

/** The answer to `apps`; null when it did not come. AMD's processes are still without their `ps`. */
export function readOccupancy(frame: Frame, gpus: readonly GpuReading[], now: number): Occupancy | null {
  const apps = partOf(frame, 'apps');
  const amd = partOf(frame, 'process');
  const rocm = partOf(frame, 'pids');
  const rest = {
    processes: parsePs(partOf(frame, 'ps')?.text ?? ''),
    instances: parseMig(partOf(frame, 'mig')?.text ?? '', partOf(frame, 'list')?.text ?? ''),
    readAt: now,
  };
  if (apps !== undefined) return { ...rest, apps: parseGpuApps(apps.text) };
  if (amd !== undefined) return { ...rest, apps: placeAmd(parseAmdSmiProcesses(amd.text), gpus) };
  if (rocm !== undefined) return { ...rest, apps: placeAmd(parseRocmPids(rocm.text), gpus) };
  return null;
}

/** rocm-smi does not say on which GPU a process is; with one GPU it is clear. */
function placeAmd(processes: readonly AmdProcess[], gpus: readonly GpuReading[]): readonly GpuApp[] {
  return processes.flatMap(({ gpu, ...process }) => {
    const index = gpu ?? (gpus.length === 1 ? gpus[0]?.index : undefined);
    const found = gpus.find((one) => one.index === index);
    return found === undefined ? [] : { uuid: found.uuid, ...process };
  });
}

/** The GPUs with their processes and MIG instances. */
export function occupy(
  gpus: readonly GpuReading[],
  { apps, processes, instances, readAt }: Occupancy,
  before: readonly GpuReading[],
): readonly GpuReading[] {
  return joinInstances(joinProcesses(gpus, apps, { processes, now: readAt, before }), instances);
}

export function partOf(frame: Frame, name: string): Part | undefined {
  return frame.parts.find((one) => one.name === name);
}
