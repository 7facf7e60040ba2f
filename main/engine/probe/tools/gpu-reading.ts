import { AppError } from '#common/failure.ts';
import type { Gpu, GpuDetails } from '#common/hosts.ts';

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

/** The UUID that a GPU without a known one is given. */
const inventedUuid = (gpu: Pick<GpuReading, 'vendor' | 'index'>): string => `${gpu.vendor}-${gpu.index}`;

/** Whether the GPU's UUID is known from its tool. */
export function hasOwnUuid(gpu: GpuReading): boolean {
  return !gpu.uuid.startsWith(`${gpu.vendor}-`);
}

/** The GPUs by index, each with a UUID of its own: partitions of one GPU may share a serial number. */
export function inOrder(gpus: Iterable<GpuReading>): readonly GpuReading[] {
  const taken = new Set<string>();
  return [...gpus]
    .sort((a, b) => a.index - b.index)
    .map((gpu) => {
      let uuid = taken.has(gpu.uuid) ? inventedUuid(gpu) : gpu.uuid;
      for (let copy = 2; taken.has(uuid); copy += 1) uuid = `${inventedUuid(gpu)}-${copy}`;
      taken.add(uuid);
      return uuid === gpu.uuid ? gpu : { ...gpu, uuid };
    });
}

/** The failure of a tool that lists several GPUs under one index, as a wrapper does that joins hosts; else null. */
export function repeatedIndex(tool: string, gpus: readonly GpuReading[]): AppError | null {
  const seen = new Set<number>();
  const again = gpus.find(({ index }) => seen.size === seen.add(index).size);
  if (again === undefined) return null;
  const detail = `${tool} lists GPU ${again.index} more than once, as where a wrapper joins the output of several hosts`;
  return new AppError('gpu-tool-failed', { step: 'probe', detail, command: tool });
}
