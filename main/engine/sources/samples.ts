import type { Gpu, IdleRule } from '#common/hosts.ts';
import { meetsIdleRule } from '#common/select/gpus.ts';
import type { GpuReading } from '../probe/tools/gpu-reading.ts';

/**
 * Continues each GPU's count of samples and of idle ones in a row, by uuid; a GPU seen for the first time starts at one.
 * A GPU with a problem, or whose numbers are unknown, has no idle sample.
 */
export function continueSamples(
  readings: readonly GpuReading[],
  before: readonly Gpu[],
  rule: IdleRule,
): Gpu[] {
  return readings.map((reading, at) => {
    const previous = sameGpu(reading, before, at);
    const idle = reading.problem === null && meetsIdleRule(reading, rule) === true;
    return {
      ...reading,
      samples: Math.min((previous?.samples ?? 0) + 1, rule.samples),
      idleStreak: idle ? Math.min((previous?.idleStreak ?? 0) + 1, rule.samples) : 0,
    };
  });
}

/** The GPU as it was before, which most often was at the same place in the list. */
export function sameGpu({ uuid }: Pick<Gpu, 'uuid'>, before: readonly Gpu[], at: number): Gpu | undefined {
  const there = before[at];
  return there?.uuid === uuid ? there : before.find((gpu) => gpu.uuid === uuid);
}
