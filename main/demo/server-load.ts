/** The simulated load of one model server: requests arrive in waves, and every figure follows from them. */

import { createDemand } from './demand.ts';
import type { Random } from './random.ts';
import { createServerLife, type Phase } from './server-life.ts';
import type { ModelServerSpec } from './specs.ts';

export interface Histogram {
  /** Upper bounds; one more count than bounds, the last one for everything above. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

export const finishReasons = ['stop', 'length', 'abort'] as const;
export type FinishReason = (typeof finishReasons)[number];

/** What /metrics tells; counters only grow. */
export interface LoadFigures {
  readonly running: number;
  readonly waiting: number;
  /** 0 to 1. */
  readonly kvCacheUsage: number;
  readonly promptTokens: number;
  readonly generationTokens: number;
  readonly prefixQueries: number;
  readonly prefixHits: number;
  readonly preemptions: number;
  readonly finished: Readonly<Record<FinishReason, number>>;
  readonly timeToFirstTokenSeconds: Histogram;
  readonly interTokenSeconds: Histogram;
  readonly requestSeconds: Histogram;
}

/** A request that a client of the demo really sent: it counts like the simulated ones. */
export interface LiveRequest {
  token(secondsSincePrevious: number): void;
  end(reason: FinishReason, seconds: number): void;
}

export interface ServerLoad {
  readonly spec: ModelServerSpec;
  phase(): Phase;
  figures(): LoadFigures;
  /** How busy the GPUs of the server are with it, 0 to 1. */
  busy(): number;
  advance(seconds: number): void;
  begin(promptTokens: number): LiveRequest;
}

// The bounds of vLLM's V1 metrics (vllm/v1/metrics/loggers.py).
const firstTokenBounds = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640,
  2560,
];
const interTokenBounds = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
];
const requestBounds = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
];

const meanOutputTokens = 220;
const warmUpSeconds = 900;

interface Counting extends Histogram {
  observe(value: number, times?: number): void;
}

function createHistogram(bounds: readonly number[]): Counting {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  return {
    bounds,
    counts,
    get sum() {
      return sum;
    },
    observe(value, times = 1) {
      const found = bounds.findIndex((bound) => value <= bound);
      const slot = found === -1 ? bounds.length : found;
      counts[slot] = (counts[slot] ?? 0) + times;
      sum += value * times;
    },
  };
}

/** A load with a quarter of an hour behind it, so that counters and histograms agree with each other from the start. */
export function createServerLoad(spec: ModelServerSpec, random: Random): ServerLoad {
  const firstToken = createHistogram(firstTokenBounds);
  const interToken = createHistogram(interTokenBounds);
  const request = createHistogram(requestBounds);
  const finished = { stop: 0, length: 0, abort: 0 };
  const total = { prompt: 0, generation: 0, queries: 0, hits: 0, preemptions: 0 };
  const demand = createDemand(spec, random);
  const life = createServerLife(spec.life);
  let unfinishedRequests = 0;
  let unfinishedTokens = 0;
  let live = 0;

  const isServing = () => life.phase() === 'serving';
  const simulated = () =>
    isServing() ? Math.min(spec.maxRunning, Math.round(demand.now() * spec.maxRunning)) : 0;
  const waiting = () =>
    isServing() ? Math.max(0, Math.round((demand.now() - 1) * spec.maxRunning * 0.6)) : 0;
  const fill = () => simulated() / spec.maxRunning;
  const secondsPerToken = () => (1 + fill() * 0.8) / spec.tokensPerSecond;

  const finishOne = () => {
    const promptTokens = Math.round(900 * random.between(0.2, 2));
    const outputTokens = Math.round(meanOutputTokens * random.between(0.3, 1.7));
    const wait = waiting() * 0.09 * random.between(0.6, 1.4);
    const first = (0.045 + fill() * 0.28) * Math.exp(random.normal() * 0.45) + wait;
    firstToken.observe(first);
    request.observe(first + outputTokens * secondsPerToken());
    const draw = random.next();
    finished[draw < 0.85 ? 'stop' : draw < 0.99 ? 'length' : 'abort'] += 1;
    total.prompt += promptTokens;
    total.queries += promptTokens;
    total.hits += Math.floor((promptTokens * random.between(0.1, 0.6)) / 16) * 16;
  };

  const advance = (seconds: number) => {
    demand.advance(seconds);
    const tokens = unfinishedTokens + (simulated() / secondsPerToken()) * seconds;
    unfinishedTokens = tokens % 1;
    total.generation += Math.floor(tokens);
    if (tokens >= 1) interToken.observe(secondsPerToken() * random.between(0.9, 1.1), Math.floor(tokens));
    unfinishedRequests += Math.floor(tokens) / meanOutputTokens;
    for (; unfinishedRequests >= 1; unfinishedRequests -= 1) finishOne();
    if (fill() > 0.97 && random.next() < seconds / 20) total.preemptions += 1;
  };
  for (let second = 0; second < warmUpSeconds; second += 1) advance(1);
  demand.restartTide();

  return {
    spec,
    phase: life.phase,
    advance(seconds) {
      life.advance(seconds);
      advance(seconds);
    },
    busy: () => Math.min(1, fill() + live / spec.maxRunning),
    figures: () => ({
      running: simulated() + live,
      waiting: waiting(),
      kvCacheUsage: Math.min(1, (fill() + live / spec.maxRunning) * 0.86),
      promptTokens: total.prompt,
      generationTokens: total.generation,
      prefixQueries: total.queries,
      prefixHits: total.hits,
      preemptions: total.preemptions,
      finished: { ...finished },
      timeToFirstTokenSeconds: firstToken,
      interTokenSeconds: interToken,
      requestSeconds: request,
    }),
    begin(promptTokens) {
      live += 1;
      total.prompt += promptTokens;
      total.queries += promptTokens;
      let tokens = 0;
      return {
        token(seconds) {
          (tokens === 0 ? firstToken : interToken).observe(seconds);
          tokens += 1;
          total.generation += 1;
        },
        end(reason, seconds) {
          live -= 1;
          finished[reason] += 1;
          request.observe(seconds);
        },
      };
    },
  };
}
