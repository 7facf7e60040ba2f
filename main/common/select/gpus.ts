/** What faces ask about GPUs. Pure, so that window, tray, terminal and browser give the same answers. */

import type { Gpu, GpuJob, IdleRule } from '../hosts.ts';

/** A GPU in error is neither idle nor busy; one that says nothing is unknown. */
export type GpuCondition = 'idle' | 'busy' | 'unknown' | 'problem';

/** Whether one measurement meets the idle rule; null when neither load nor memory is known. */
export function meetsIdleRule(
  gpu: Pick<Gpu, 'utilPct' | 'memUsedMiB' | 'memTotalMiB' | 'processes' | 'job'>,
  rule: IdleRule,
): boolean | null {
  if (gpu.processes.length > 0 || gpu.job !== undefined) return false;
  if (gpu.utilPct === null && gpu.memUsedMiB === null) return null;
  if (gpu.utilPct !== null && gpu.utilPct > rule.maxUtilPct) return false;
  if (gpu.memUsedMiB === null) return true;
  const allowedMiB = Math.max(rule.maxMemMiB, ((gpu.memTotalMiB ?? 0) * rule.maxMemPct) / 100);
  return gpu.memUsedMiB <= allowedMiB;
}

/**
 * One busy sample makes a GPU busy at once; idle it is after `rule.samples` idle ones in a row, or after all there are
 * when the host has just come up.
 */
export function gpuCondition(gpu: Gpu, rule: IdleRule): GpuCondition {
  if (gpu.problem !== null) return 'problem';
  const now = meetsIdleRule(gpu, rule);
  if (now === null) return 'unknown';
  return gpu.idleStreak > 0 && gpu.idleStreak >= Math.min(rule.samples, gpu.samples) ? 'idle' : 'busy';
}

export function isIdle(gpu: Gpu, rule: IdleRule): boolean {
  return gpuCondition(gpu, rule) === 'idle';
}

/** Null where nothing of it is known, which is neither. */
export function isIdleOrUnknown(gpu: Gpu, rule: IdleRule): boolean | null {
  const condition = gpuCondition(gpu, rule);
  return condition === 'unknown' ? null : condition === 'idle';
}

/** Its own memory in whole GiB, as such GPUs are spoken of: a card of 80 GB reports 79.6 GiB. Null where it does not say. */
export function memoryGiB({ memTotalMiB }: Pick<Gpu, 'memTotalMiB'>): number | null {
  return memTotalMiB === null ? null : Math.round(memTotalMiB / 1024);
}

/** Who is on it, as far as it is known: the users of its processes and of its job, each once. */
export function usersOf({ processes, job }: Pick<Gpu, 'processes' | 'job'>): readonly string[] {
  return [
    ...new Set([...processes.map(({ user }) => user), job?.user ?? null].filter((user) => user !== null)),
  ];
}

/** A job in one word: its user, else its pod, else `#` and its number; null where nothing of it is known. */
export function holderOf({ user, pod, job }: GpuJob): string | null {
  return user ?? pod ?? (job === null ? null : `#${job}`);
}
