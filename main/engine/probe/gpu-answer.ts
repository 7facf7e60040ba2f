/** What the frames of script.ts say of a host's GPUs, whichever tool it has. Pure. */

import { AppError } from '#common/failure.ts';
import { type Frame, partOf, textOf } from './frames.ts';
import { joinProcesses, type ProcessInfo, parsePs } from './processes.ts';
import type { GpuReading, GpuTable } from './tools/gpu-reading.ts';
import type { GpuTool, Instances, Occupants, TableContext } from './tools/gpu-tool.ts';

/** Who is on the GPUs: read less often than their load, and joined to every sample. */
export interface Occupancy extends Occupants {
  readonly processes: ReadonlyMap<number, ProcessInfo>;
  /** Milliseconds since the epoch. */
  readonly readAt: number;
}

/** The tool by which the answer to `gpus` came; null where the host has none, and where it hangs. */
export function toolOf(frame: Frame, tools: readonly GpuTool[]): GpuTool | null {
  return tools.find(({ part }) => partOf(frame, part) !== undefined) ?? null;
}

export interface ReadTableOptions extends TableContext {
  /** By {@link toolOf}. */
  readonly tool: GpuTool | null;
  readonly timeoutMs: number;
}

/** The answer to `gpus`. Never throws: a tool that hung is the table's failure `gpu-tool-hung`. */
export function readTable(frame: Frame, { tool, timeoutMs, ...context }: ReadTableOptions): GpuTable {
  if (tool !== null) return tool.readTable(frame, context);
  const none = partOf(frame, 'none') !== undefined;
  const failure = none ? new AppError('no-gpu-tool', { step: 'probe' }) : hung(frame, timeoutMs);
  return { gpus: [], driverVersion: null, failure };
}

function hung(frame: Frame, timeoutMs: number): AppError {
  const pid = /^\d+/.exec(textOf(frame, 'hung'))?.[0];
  const detail = pid === undefined ? `killed after ${timeoutMs} ms` : `process ${pid} cannot be killed`;
  return new AppError('gpu-tool-hung', { step: 'probe', detail });
}

/** The processes that the answer to `apps` or `names` describes. */
export function readProcesses(frame: Frame): ReadonlyMap<number, ProcessInfo> {
  return parsePs(textOf(frame, 'ps'), textOf(frame, 'users'));
}

/** The GPUs with their processes and the instances into which they are divided. */
export function occupy(
  gpus: readonly GpuReading[],
  { apps, processes, instances, readAt }: Occupancy,
  before: readonly GpuReading[],
): readonly GpuReading[] {
  return joinInstances(joinProcesses(gpus, apps, { processes, now: readAt, before }), instances);
}

/** The GPUs with their instances, and on each instance its processes. */
export function joinInstances(
  gpus: readonly GpuReading[],
  readings: ReadonlyMap<string, Instances>,
): readonly GpuReading[] {
  return gpus.map((gpu) => {
    const reading = readings.get(gpu.uuid);
    if (reading === undefined) return gpu;
    const on = (index: number) => gpu.processes.filter(({ pid }) => reading.instanceOf.get(pid) === index);
    return {
      ...gpu,
      instances: reading.instances.map((instance) => ({ ...instance, processes: on(instance.index) })),
    };
  });
}
