import { type ErrorCode, errors, type Failure } from '#common/failure.ts';

const baseMs = 2000;
const mostMs = 300_000;
/** With what an attempt takes itself, a host that has come back is noticed within 20 s. */
const mostAwayMs = 15_000;
/** Hosts that are away are tried at most so often, all together: a VPN that is off takes hundreds with it. */
const awayEveryMs = 250;

/** The shortest wait after failures that a quick retry makes worse. */
const leastMs: { readonly [Code in ErrorCode]?: number } = {
  // OpenSSH 9.8 penalises an address for tens of seconds.
  throttled: 60_000,
  'needs-job': mostMs,
  // A host that sends without end costs as much again at the next attempt.
  'probe-garbled': mostMs,
};

/** What says of a host only that it cannot be reached: no login was tried, so an attempt costs nothing. */
const awayCodes: ReadonlySet<ErrorCode> = new Set([
  'dns-failed',
  'connection-refused',
  'connection-timeout',
  'host-unreachable',
  'connection-lost',
]);

/** Whether an attempt before its time makes matters worse, whatever else has changed. */
export function mustWait(code: ErrorCode): boolean {
  return leastMs[code] !== undefined;
}

/** Whether the host, or a jump host before it, cannot be reached. A proxy command may ask a person, and is left its time. */
export function isAway({ code, hop }: Pick<Failure, 'code' | 'hop'>): boolean {
  return awayCodes.has(code) || (code === 'proxy-failed' && hop !== undefined);
}

/**
 * How long to wait before the next attempt, in milliseconds: full jitter up to 2 s, doubled with each failure in a row up
 * to `most`. Null where an automatic retry cannot help (authentication, host keys) and could lock the user out.
 *
 * @param failures how many attempts have failed in a row, at least 1
 * @param random a number from 0 up to 1
 * @param most the longest wait where none is prescribed; default 5 minutes
 */
export function retryDelayMs(
  code: ErrorCode,
  failures: number,
  random: number,
  most: number = mostMs,
): number | null {
  if (!errors[code].retryable) return null;
  const least = leastMs[code] ?? 0;
  const ceilingMs = Math.min(least > 0 ? mostMs : most, baseMs * 2 ** Math.min(failures, 20));
  return Math.round(least + random * Math.max(baseMs, ceilingMs - least));
}

export interface Situation {
  /** Whether a forward stands on the host. */
  readonly inUse: boolean;
  /** How many hosts are away at the moment. */
  readonly away: number;
}

/** The longest wait before a host is tried again, in milliseconds. */
export function longestWaitMs(failure: Pick<Failure, 'code' | 'hop'>, { inUse, away }: Situation): number {
  if (!isAway(failure)) return mostMs;
  return inUse ? mostAwayMs : Math.min(mostMs, Math.max(mostAwayMs, away * awayEveryMs));
}

/** Why a host is tried before its time. */
export type Hurry =
  /** A client waits at a forward. */
  | 'client'
  /** A person looks at it. */
  | 'person'
  /** A host behind the same jump host has come back. */
  | 'neighbour'
  /** The network has changed, or the computer has slept. */
  | 'network';

const gapMs = 2000;
const shortestGapMs = 500;

/**
 * How long after its latest attempt a host may be tried before its time, in milliseconds; null where it must not be.
 * A client that asks all the time has the host tried every 2 s, and a little more often in the beginning.
 */
export function hurryGapMs(
  failure: Pick<Failure, 'code' | 'hop'>,
  failures: number,
  why: Hurry,
): number | null {
  if (!errors[failure.code].retryable || mustWait(failure.code)) return null;
  if (why === 'network') return 0;
  // What costs a login is not for programs to repeat.
  if (why !== 'person' && !isAway(failure)) return null;
  return Math.min(gapMs, shortestGapMs * 2 ** Math.min(failures - 1, 10));
}
