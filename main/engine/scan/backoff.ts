import { type ErrorCode, errors } from '#common/errors.ts';

const baseMs = 2000;
const mostMs = 300_000;

/** The shortest wait after failures that a quick retry makes worse. */
const leastMs: { readonly [Code in ErrorCode]?: number } = {
  // OpenSSH 9.8 penalises an address for tens of seconds.
  throttled: 60_000,
  'needs-job': mostMs,
};

/** Whether an attempt before its time makes matters worse, whatever else has changed. */
export function mustWait(code: ErrorCode): boolean {
  return leastMs[code] !== undefined;
}

/**
 * How long to wait before the next attempt, in milliseconds: full jitter up to 2 s, doubled with each failure in a row up
 * to 5 minutes. Null where trying again by itself cannot help (authentication, host keys) and could lock the user out.
 *
 * @param failures how many attempts have failed in a row, at least 1
 * @param random a number from 0 up to 1
 */
export function retryDelayMs(code: ErrorCode, failures: number, random: number): number | null {
  if (!errors[code].retryable) return null;
  const ceilingMs = Math.min(mostMs, baseMs * 2 ** Math.min(failures, 20));
  const least = leastMs[code] ?? 0;
  return Math.round(least + random * Math.max(baseMs, ceilingMs - least));
}
