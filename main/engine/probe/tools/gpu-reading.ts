import type { AppError } from '#common/errors.ts';
import type { Gpu, GpuDetails } from '#common/model.ts';

/** One sample of a GPU; how many there were and how idle they were is counted by who keeps them. */
export type GpuReading = Omit<Gpu, 'samples' | 'idleStreak'>;

/** What a host's GPU tool says at one moment. */
export interface GpuTable {
  /** By index; their processes and MIG instances are still empty. */
  readonly gpus: readonly GpuReading[];
  readonly driverVersion: string | null;
  /** `no-gpu-tool`, `no-gpu-devices` or `gpu-tool-failed`; beside GPUs when the tool failed for some of them only. */
  readonly failure: AppError | null;
}

export const noDetails: GpuDetails = {
  powerLimitW: null,
  fanPct: null,
  smClockMHz: null,
  memClockMHz: null,
  eccUncorrected: null,
  throttleReasons: [],
  pciBusId: null,
};

/** A percentage as a tool prints it; null where it is none. */
export function percentOrNull(value: number | null): number | null {
  return value === null || value < 0 || value > 100 ? null : value;
}

/** The GPUs by index, each with a UUID of its own: partitions of one GPU may share a serial number. */
export function inOrder(gpus: Iterable<GpuReading>): readonly GpuReading[] {
  const taken = new Set<string>();
  return [...gpus]
    .sort((a, b) => a.index - b.index)
    .map((gpu) => {
      const uuid = taken.has(gpu.uuid) ? `${gpu.vendor}-${gpu.index}` : gpu.uuid;
      taken.add(uuid);
      return uuid === gpu.uuid ? gpu : { ...gpu, uuid };
    });
}
