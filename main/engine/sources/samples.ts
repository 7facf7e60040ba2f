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
  const known = new Map(before.map((gpu) => [gpu.uuid, gpu]));
  return readings.map((reading) => {
    const previous = known.get(reading.uuid);
    const idle = reading.problem === null && meetsIdleRule(reading, rule) === true;
    return {
      ...reading,
      samples: Math.min((previous?.samples ?? 0) + 1, rule.samples),
      idleStreak: idle ? Math.min((previous?.idleStreak ?? 0) + 1, rule.samples) : 0,
    };
  });
}
