import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLoadMeter, latencyBetween } from '#engine/models/load-meter.ts';
import { readMetrics, type ServerMetrics } from '#engine/models/metrics.ts';

interface Numbers {
  readonly prompt: number;
  readonly generated?: number;
  readonly hits?: number;
  /** Requests answered within 0.1 s, within 1 s, and all. */
  readonly ttft?: readonly [number, number, number];
  readonly startedAt?: number;
}

function metrics({
  prompt,
  generated = 0,
  hits = 0,
  ttft = [0, 0, 0],
  startedAt = 1,
}: Numbers): ServerMetrics {
  const label = '{model_name="m"';
  const read = readMetrics(`process_start_time_seconds ${startedAt}
vllm:num_requests_running${label}} 2
vllm:kv_cache_usage_perc${label}} 0.25
vllm:prompt_tokens_total${label}} ${prompt}
vllm:generation_tokens_total${label}} ${generated}
vllm:prefix_cache_queries_total${label}} ${prompt}
vllm:prefix_cache_hits_total${label}} ${hits}
vllm:time_to_first_token_seconds_bucket${label},le="0.1"} ${ttft[0]}
vllm:time_to_first_token_seconds_bucket${label},le="1.0"} ${ttft[1]}
vllm:time_to_first_token_seconds_bucket${label},le="+Inf"} ${ttft[2]}
`);
  if (read === null) throw new Error('no metrics');
  return read;
}

test('one sample tells the state, two tell the rates', () => {
  const meter = createLoadMeter();
  const [first] = meter.observe(metrics({ prompt: 1000, generated: 10, hits: 500 }), 0);
  expect(first).toMatchObject({
    running: 2,
    waiting: null,
    kvCachePct: 25,
    promptTokensTotal: 1000,
    promptTokensPerSecond: null,
    prefixHitPct: 50,
    ttft: null,
  });
  const [second] = meter.observe(metrics({ prompt: 3000, generated: 510, hits: 2300 }), 5000);
  expect(second).toMatchObject({
    promptTokensPerSecond: 400,
    generationTokensPerSecond: 100,
    prefixHitPct: 90,
  });
});

test('a counter that starts again skips one sample', () => {
  const meter = createLoadMeter();
  meter.observe(metrics({ prompt: 1000, generated: 100 }), 0);
  expect(meter.observe(metrics({ prompt: 5, generated: 100 }), 5000)[0]?.promptTokensPerSecond).toBeNull();
  expect(meter.observe(metrics({ prompt: 55, generated: 100 }), 10_000)[0]?.promptTokensPerSecond).toBe(10);
  // Another process whose counters happen to be higher.
  const other = metrics({ prompt: 900, generated: 200, startedAt: 2 });
  expect(meter.observe(other, 15_000)[0]?.promptTokensPerSecond).toBeNull();
});

test('latencies are those of the window, not of the server since it began', () => {
  const meter = createLoadMeter(60_000);
  meter.observe(metrics({ prompt: 1, ttft: [1000, 1000, 1000] }), 0);
  expect(meter.observe(metrics({ prompt: 1, ttft: [1000, 1000, 1000] }), 5000)[0]?.ttft).toBeNull();
  const slow = metrics({ prompt: 1, ttft: [1000, 1010, 1010] });
  expect(meter.observe(slow, 10_000)[0]?.ttft).toEqual({
    p50Ms: expect.closeTo(550),
    p95Ms: expect.closeTo(955),
  });
  // A minute later these have left the window.
  expect(meter.observe(slow, 80_000)[0]?.ttft).toBeNull();
});

test('what is slower than the highest bound has that bound', () => {
  const bounds = [0.5, 2, Infinity];
  const none = { bounds, counts: [0, 0, 0] };
  expect(latencyBetween(none, { bounds, counts: [0, 0, 9] })).toEqual({ p50Ms: 2000, p95Ms: 2000 });
  expect(latencyBetween(none, { bounds, counts: [10, 10, 10] })).toEqual({ p50Ms: 250, p95Ms: 475 });
});

test('quantiles lie within the buckets that hold them, and p50 is not above p95', () => {
  const growth = fc.array(fc.nat(1000), { minLength: 3, maxLength: 12 });
  fc.assert(
    fc.property(growth, (grown) => {
      const bounds = [...grown.slice(1).map((_count, at) => (at + 1) / 10), Infinity];
      const counts = grown.map((_count, at) => grown.slice(0, at + 1).reduce((sum, count) => sum + count, 0));
      const none = { bounds, counts: counts.map(() => 0) };
      const latency = latencyBetween(none, { bounds, counts });
      if (counts.at(-1) === 0) return expect(latency).toBeNull();
      expect(latency?.p50Ms).toBeLessThanOrEqual(latency?.p95Ms ?? Number.NaN);
      expect(latency?.p95Ms).toBeLessThanOrEqual((bounds.at(-2) ?? 0) * 1000 + 1e-9);
    }),
  );
});
