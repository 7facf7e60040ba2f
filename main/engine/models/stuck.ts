/** When a model server is stuck: it answers, and does no work. Judged by what it says of itself, never by sending a prompt. Pure. */

import type { ServerState } from '#common/servers.ts';
import type { ModelMetrics, ServerMetrics } from './metrics.ts';

export type StuckState = Extract<ServerState, { readonly kind: 'stuck' }>;

/** A moment on both clocks: the monotonic one for durations, the one of the wall for what is shown. In milliseconds. */
export interface Moment {
  readonly nowMs: number;
  readonly wallMs: number;
}

/** What one reading of the metrics says of progress, over all models of the server. */
export interface Progress {
  /** That run or wait; null: unknown. */
  readonly requests: number | null;
  /** Since the server began; a counter that is unknown is null. */
  readonly promptTokens: number | null;
  readonly generationTokens: number | null;
  /** Whether the counters move while a request is answered; else a long request moves them only when it has ended. */
  readonly countsLive: boolean;
}

/** Requests are there, and no counter of tokens has moved since. */
export interface Stall {
  readonly since: Moment;
  readonly progress: Progress;
  /** The readings that have shown it. */
  readonly looks: number;
}

/** Answers of the health page that were failures, one after the other. */
export interface BadHealth {
  readonly since: Moment;
  readonly failures: number;
}

/** So long no token may come while requests are there. */
export const stalledAfterMs = 60_000;
/** Fewer readings say little: the computer may have slept between two of them. */
const leastLooks = 3;
/** One failure may be an accident of the network. */
const leastFailures = 2;

export function progressOf({ models }: ServerMetrics): Progress {
  const all = [...models.values()];
  const atWork = all.filter((model) => (requestsOf(model) ?? 0) > 0);
  const countsLive = atWork.every(
    (model) =>
      model.tokensCount === 'as-they-come' ||
      model.livePromptTokens !== null ||
      model.liveGenerationTokens !== null,
  );
  return {
    requests: sum(all.map(requestsOf)),
    promptTokens: sum(all.map(({ promptTokens, livePromptTokens }) => livePromptTokens ?? promptTokens)),
    generationTokens: sum(
      all.map(({ generationTokens, liveGenerationTokens }) => liveGenerationTokens ?? generationTokens),
    ),
    countsLive,
  };
}

/** The stall as it is after one more reading; null where there is none, or nothing says whether there is. */
export function nextStall(before: Stall | null, progress: Progress, at: Moment): Stall | null {
  const { requests, promptTokens, generationTokens } = progress;
  if (requests === null || requests === 0 || (promptTokens === null && generationTokens === null))
    return null;
  const isSame =
    before !== null &&
    before.progress.promptTokens === promptTokens &&
    before.progress.generationTokens === generationTokens;
  return isSame ? { ...before, progress, looks: before.looks + 1 } : { since: at, progress, looks: 1 };
}

/** Whether nothing has moved for {@link stalledAfterMs}: where the counters move only at the end, a suspicion. */
export function isStalled(stall: Stall | null, { nowMs }: Moment): boolean {
  return stall !== null && stall.looks >= leastLooks && nowMs - stall.since.nowMs >= stalledAfterMs;
}

export function nextHealth(before: BadHealth | null, fails: boolean, at: Moment): BadHealth | null {
  if (!fails) return null;
  return before === null ? { since: at, failures: 1 } : { ...before, failures: before.failures + 1 };
}

/** The state of a server that is stuck at that moment; null where it is not, or that is not known. */
export function stuckState(stall: Stall | null, health: BadHealth | null, at: Moment): StuckState | null {
  if (health !== null && health.failures >= leastFailures)
    return { kind: 'stuck', why: 'unhealthy', since: health.since.wallMs };
  if (stall?.progress.countsLive && isStalled(stall, at))
    return { kind: 'stuck', why: 'no-progress', since: stall.since.wallMs };
  return null;
}

function requestsOf({ running, waiting }: ModelMetrics): number | null {
  return sum([running, waiting]);
}

/** Of the numbers that are known; null where none is. */
function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((whole, value) => whole + value, 0);
}
