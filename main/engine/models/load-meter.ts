/** From samples of a server's metrics to its load: rates between two of them, latencies over a window. */

import type { Latency, ModelLoad } from '#common/servers.ts';
import type { Histogram, ModelMetrics, ServerMetrics } from './metrics.ts';

export interface LoadMeter {
  /** Takes the next sample, measured at `atMs` (any clock that only goes forward), and returns the load by model. */
  observe(metrics: ServerMetrics, atMs: number): readonly ModelLoad[];
}

/** Latencies are those of the requests that finished in the last minute. */
const defaultWindowMs = 60_000;
/** Of the samples of a window those are kept that are a sixth of it apart, and the latest: they are large. */
const sixth = 1 / 6;
/** Two samples that are closer together say more of the clock than of the server. */
const shortestMs = 400;

interface Taken {
  readonly metrics: ServerMetrics;
  readonly atMs: number;
}

/** Keeps the samples of one server that its window needs. */
export function createLoadMeter(windowMs = defaultWindowMs): LoadMeter {
  let samples: Taken[] = [];
  return {
    observe(metrics, atMs) {
      const latest = samples.at(-1);
      if (latest !== undefined && hasRestarted(latest.metrics, metrics)) samples = [];
      samples = samples.filter((sample) => atMs - sample.atMs <= windowMs);
      const previous = samples.findLast((sample) => atMs - sample.atMs >= shortestMs);
      const [oldest] = samples;
      const [before, last] = samples.slice(-2);
      if (before !== undefined && last !== undefined && last.atMs - before.atMs < windowMs * sixth)
        samples.pop();
      samples.push({ metrics, atMs });
      return [...metrics.models].map(([model, current]) =>
        loadOf(model, current, {
          previous: previous?.metrics.models.get(model) ?? null,
          seconds: previous === undefined ? 0 : (atMs - previous.atMs) / 1000,
          oldest: oldest?.metrics.models.get(model) ?? null,
          windowSeconds: oldest === undefined ? 0 : (atMs - oldest.atMs) / 1000,
        }),
      );
    },
  };
}

/** A server that began anew counts from 0 again: nothing can be learnt across that. */
function hasRestarted(before: ServerMetrics, after: ServerMetrics): boolean {
  if (before.startedAtS !== null && after.startedAtS !== null && before.startedAtS !== after.startedAtS)
    return true;
  return [...after.models].some(([model, now]) => {
    const then = before.models.get(model);
    return then !== undefined && counters.some((counter) => (now[counter] ?? 0) < (then[counter] ?? 0));
  });
}

const counters = ['promptTokens', 'generationTokens', 'preemptions'] as const;

interface Earlier {
  readonly previous: ModelMetrics | null;
  /** Since `previous`. */
  readonly seconds: number;
  readonly oldest: ModelMetrics | null;
  /** Since `oldest`. */
  readonly windowSeconds: number;
}

function loadOf(model: string | null, now: ModelMetrics, earlier: Earlier): ModelLoad {
  const { oldest } = earlier;
  const latency = (name: 'ttft' | 'interToken' | 'endToEnd'): Latency | null =>
    latencyBetween(oldest?.[name] ?? null, now[name]);
  return {
    model,
    running: now.running,
    waiting: now.waiting,
    kvCachePct: now.kvCacheRatio === null ? null : percent(now.kvCacheRatio),
    prefixHitPct: prefixHits(now, oldest),
    preemptionsTotal: now.preemptions,
    promptTokensTotal: now.promptTokens,
    generationTokensTotal: now.generationTokens,
    promptTokensPerSecond: tokenRate(now, earlier, promptKeys),
    generationTokensPerSecond: tokenRate(now, earlier, generationKeys),
    ttft: latency('ttft'),
    interToken: latency('interToken'),
    endToEnd: latency('endToEnd'),
    finished: now.finished,
  };
}

const promptKeys = { counted: 'promptTokens', live: 'livePromptTokens', said: 'promptRate' } as const;
const generationKeys = {
  counted: 'generationTokens',
  live: 'liveGenerationTokens',
  said: 'generationRate',
} as const;

/**
 * Tokens per second since the last look. Where a request's tokens are counted when it has ended, the first that is known of:
 * what is counted as it comes, what the server says itself, 0 with nothing to do, the speed of one request times those that
 * are answered now, and the mean over the window of a minute.
 */
function tokenRate(
  now: ModelMetrics,
  earlier: Earlier,
  keys: typeof promptKeys | typeof generationKeys,
): number | null {
  const { previous, seconds, oldest, windowSeconds } = earlier;
  const said = now[keys.said];
  const counted = perSecond(difference(now[keys.counted], previous?.[keys.counted] ?? null), seconds);
  if (now.tokensCount === 'as-they-come') return counted ?? said;
  const live = perSecond(difference(now[keys.live], previous?.[keys.live] ?? null), seconds) ?? said;
  if (live !== null) return live;
  if (now.running === 0 && (counted ?? 0) === 0) return counted;
  const speed = keys === generationKeys ? requestSpeed(now, oldest) : null;
  const atWork = requestsAtWork(now, previous, (counted ?? 0) > 0);
  if (speed !== null && atWork !== null) return speed * atWork;
  // Nothing that has ended says nothing of what is at work.
  return perSecond(difference(now[keys.counted], oldest?.[keys.counted] ?? null), windowSeconds) || null;
}

/** One that has ended in between may have been the only one. Null where nothing says whether there is any. */
function requestsAtWork(now: ModelMetrics, previous: ModelMetrics | null, hasEnded: boolean): number | null {
  if (now.running !== null) return Math.max(now.running, hasEnded ? (previous?.running ?? 0) : 0);
  return hasEnded || (now.requestRate ?? 0) > 0 ? 1 : null;
}

/** Tokens per second of one request: of those that ended within the window, else lately, else since the server began. */
function requestSpeed(now: ModelMetrics, oldest: ModelMetrics | null): number | null {
  const within = perSecond(
    difference(now.generationTokens, oldest?.generationTokens ?? null),
    difference(now.generationSeconds, oldest?.generationSeconds ?? null) ?? 0,
  );
  return within ?? (now.requestRate || perSecond(now.generationTokens, now.generationSeconds ?? 0));
}

/** Null over no time at all. */
function perSecond(count: number | null, seconds: number): number | null {
  return count === null || seconds <= 0 ? null : count / seconds;
}

const percent = (ratio: number): number => Math.min(100, Math.max(0, ratio * 100));

function difference(now: number | null, then: number | null): number | null {
  return now === null || then === null ? null : now - then;
}

/** Over the window where prompts came in, otherwise over the server's life. */
function prefixHits(now: ModelMetrics, oldest: ModelMetrics | null): number | null {
  const queries = difference(now.cacheQueries, oldest?.cacheQueries ?? null);
  const hits = difference(now.cacheHits, oldest?.cacheHits ?? null);
  if (queries !== null && queries > 0 && hits !== null) return percent(hits / queries);
  if (now.cacheQueries !== null && now.cacheQueries > 0 && now.cacheHits !== null)
    return percent(now.cacheHits / now.cacheQueries);
  return now.cacheHitRatio === null ? null : percent(now.cacheHitRatio);
}

/** The latency of what was counted between two states of a histogram; null when that is nothing. */
export function latencyBetween(then: Histogram | null, now: Histogram | null): Latency | null {
  if (then === null || now === null) return null;
  const counts = grownCounts(then, now);
  if ((counts.at(-1) ?? 0) <= 0 || counts.some((count) => count < 0)) return null;
  const grown = { bounds: now.bounds, counts };
  return { p50Ms: quantile(grown, 0.5) * 1000, p95Ms: quantile(grown, 0.95) * 1000 };
}

function grownCounts(then: Histogram, now: Histogram): readonly number[] {
  if (then.bounds === now.bounds) return now.counts.map((count, at) => count - (then.counts[at] ?? 0));
  const before = new Map(then.bounds.map((bound, at) => [bound, then.counts[at] ?? 0]));
  return now.bounds.map((bound, at) => (now.counts[at] ?? 0) - (before.get(bound) ?? 0));
}

/**
 * As Prometheus' histogram_quantile: linear within the bucket, from 0 in the first one; above the highest finite bound,
 * that bound. In the unit of the bounds.
 */
function quantile({ bounds, counts }: Histogram, share: number): number {
  const rank = share * (counts.at(-1) ?? 0);
  const at = counts.findIndex((count) => count >= rank);
  const upper = bounds[at] ?? 0;
  const lower = at === 0 ? 0 : (bounds[at - 1] ?? 0);
  if (upper === Infinity) return lower;
  const below = at === 0 ? 0 : (counts[at - 1] ?? 0);
  const within = (counts[at] ?? 0) - below;
  return within <= 0 ? upper : lower + ((upper - lower) * (rank - below)) / within;
}
