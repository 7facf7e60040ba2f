import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ModelMetrics, readMetrics } from '#engine/models/metrics.ts';

const first = (body: string): ModelMetrics | undefined => [...(readMetrics(body)?.models.values() ?? [])][0];

type Labels = Readonly<Record<string, string | number>>;

const line = (name: string, labels: Labels, value: number): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  return `${name}{${pairs.join(',')}} ${value}\n`;
};

describe('a server with several schedulers', () => {
  const queued = (labels: Labels, value: number) => line('sglang:num_queue_reqs', labels, value);

  test('counts the requests of every data parallel rank, each at its lowest tensor parallel rank', () => {
    expect(
      first(queued({ dp_rank: 0, tp_rank: 0 }, 0) + queued({ dp_rank: 1, tp_rank: 1 }, 11))?.waiting,
    ).toBe(11);
    const ranks = [
      [0, 0, 1],
      [0, 1, 1],
      [1, 3, 10],
      [1, 2, 10],
      [1, 10, 10],
    ] as const;
    const text = ranks.map(([dp_rank, tp_rank, value]) => queued({ dp_rank, tp_rank }, value)).join('');
    expect(first(text)?.waiting).toBe(11);
  });

  test('of one pipeline counts what its first stage does', () => {
    const stages = [1, 0].map((pp_rank) => queued({ tp_rank: 0, pp_rank, moe_ep_rank: 0 }, 6 + pp_rank));
    expect(first(stages.join(''))?.waiting).toBe(6);
  });

  test('with priorities says the total itself', () => {
    const of = (priority: string, value: number) => queued({ model_name: 'm', tp_rank: 0, priority }, value);
    expect(first(of('', 7) + of('0', 3) + of('5', 4))?.waiting).toBe(7);
    expect(first(of('0', 3) + of('5', 4) + queued({ model_name: 'm', tp_rank: 0 }, 7))?.waiting).toBe(7);
    expect(first(of('0', 3) + of('5', 4))?.waiting).toBe(7);
  });

  test('has the mean of the ratios and the sum of the rates of its ranks', () => {
    const of = (name: string, dp_rank: number, tp_rank: number, value: number) =>
      line(name, { model_name: 'm', dp_rank, tp_rank }, value);
    const usage = of('sglang:token_usage', 0, 0, 0.2) + of('sglang:token_usage', 0, 1, 0.9);
    const rates = of('sglang:gen_throughput', 0, 0, 100) + of('sglang:gen_throughput', 1, 2, 50);
    expect(first(usage + of('sglang:token_usage', 1, 2, 0.4) + rates)).toMatchObject({
      kvCacheRatio: expect.closeTo(0.3),
      generationRate: 150,
    });
  });

  test('adds what streams to what does not', () => {
    const of = (is_streaming: string, value: number) =>
      line('sglang:generation_tokens_total', { model_name: 'm', is_streaming }, value);
    expect(first(of('true', 40) + of('false', 2))?.generationTokens).toBe(42);
  });
});

describe("SGLang's first release", () => {
  const of = (name: string, value: number) => line(`sglang:${name}`, { name: 'google/gemma-2-9b-it' }, value);
  const text = [
    of('num_requests_running', 3),
    of('num_requests_waiting', 4),
    of('cache_hit_rate', 10.61),
    of('token_usage', 0.01),
    of('gen_throughput', 88),
  ].join('');

  test('is read by its own names, and its percentage is no ratio', () => {
    const models = readMetrics(text)?.models;
    expect([...(models?.keys() ?? [])]).toEqual(['google/gemma-2-9b-it']);
    expect(first(text)).toMatchObject({
      running: 3,
      waiting: 4,
      kvCacheRatio: 0.01,
      cacheHitRatio: null,
      generationRate: 88,
    });
    expect(first(text.replace('10.61', '0.61'))?.cacheHitRatio).toBeNull();
  });
});

test.each([
  ['sglang:cache_hit_rate{model_name="m"}', 'cacheHitRatio'],
  ['vllm:gpu_prefix_cache_hit_rate{model_name="m"}', 'cacheHitRatio'],
  ['vllm:gpu_cache_usage_perc{model_name="m"}', 'kvCacheRatio'],
  ['llamacpp:kv_cache_usage_ratio', 'kvCacheRatio'],
] as const)('%s above 1 is none', (series, key) => {
  const read = (value: number) => first(`${series} ${value}\n`)?.[key];
  expect(read(10.61)).toBeNull();
  expect(read(1)).toBe(1);
  expect(read(0.25)).toBe(0.25);
});

/** A server as it is, and the lines by which it says so. */
interface Server {
  readonly waiting: number;
  readonly lines: readonly string[];
}

const servers: fc.Arbitrary<Server> = fc
  .record({
    /** By data parallel rank: the requests of each priority. */
    ranks: fc.array(fc.array(fc.nat(500), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
    tensorParallel: fc.integer({ min: 1, max: 4 }),
    stages: fc.integer({ min: 1, max: 3 }),
    everyScheduler: fc.boolean(),
    priorities: fc.boolean(),
    /** Labels of the administrator, the same on every line. */
    extra: fc.dictionary(fc.stringMatching(/^x_[a-z]{1,5}$/), fc.stringMatching(/^[\w -]{0,9}$/), {
      maxKeys: 2,
    }),
  })
  .chain(({ ranks, tensorParallel, stages, everyScheduler, priorities, extra }) => {
    const lines = ranks.flatMap((counts, dp_rank) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      const shares = priorities
        ? [['', total] as const, ...counts.map((count, priority) => [`${priority}`, count] as const)]
        : [[null, total] as const];
      const copies = everyScheduler ? tensorParallel : 1;
      return Array.from({ length: copies * stages }, (_none, at) => ({
        tp_rank: dp_rank * tensorParallel + (at % copies),
        pp_rank: Math.floor(at / copies),
      })).flatMap((scheduler) =>
        shares.map(([priority, value]) => {
          const dp = ranks.length > 1 ? { dp_rank } : {};
          const labels = {
            model_name: 'm',
            ...dp,
            ...scheduler,
            ...extra,
            ...(priority !== null && { priority }),
          };
          return line('sglang:num_queue_reqs', labels, value);
        }),
      );
    });
    const waiting = ranks.flat().reduce((sum, count) => sum + count, 0);
    return fc
      .shuffledSubarray(lines, { minLength: lines.length })
      .map((shuffled) => ({ waiting, lines: shuffled }));
  });

test('whatever its ranks, stages and priorities, and in whatever order: each request counts once', () => {
  fc.assert(
    fc.property(servers, ({ waiting, lines }) => {
      expect(first(lines.join(''))?.waiting).toBe(waiting);
    }),
  );
});
