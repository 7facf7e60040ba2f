import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLoadMeter } from '#engine/models/load-meter.ts';
import { readMetrics } from '#engine/models/metrics.ts';

/** The rate of generation after each of these texts, 5 s apart. */
function rates(texts: readonly string[]): readonly (number | null)[] {
  const meter = createLoadMeter();
  return texts.map((text, at) => {
    const metrics = readMetrics(text) ?? expect.fail('no metrics');
    return meter.observe(metrics, at * 5000)[0]?.generationTokensPerSecond ?? null;
  });
}

interface Slots {
  readonly count: number;
  /** Tokens per second of one request. */
  readonly speed: number;
  readonly tokens: number;
  /** Between the end of a request and the next one in the same slot. */
  readonly pauseS: number;
  /** Whether `predicted_tokens_seconds` begins anew at each look: some builds forget to. */
  readonly resets: boolean;
}

/** What llama-server prints every 5 s: each slot answers one request after the other, counted when it has ended. */
function llamaServer({ count, speed, tokens, pauseS, resets }: Slots, looks: number) {
  const lasts = tokens / speed;
  const period = lasts + pauseS;
  // Slots begin one after the other, so that they do not end at the same moment.
  const startOf = (slot: number): number => (slot * period) / count;
  const endedBy = (atS: number): number =>
    Array.from({ length: count }, (_none, slot) => {
      const since = atS - startOf(slot);
      return since < 0 ? 0 : Math.floor(since / period) + (since % period >= lasts ? 1 : 0);
    }).reduce((sum, ended) => sum + ended, 0);
  const runningAt = (atS: number): number =>
    Array.from({ length: count }, (_none, slot) => atS - startOf(slot)).filter(
      (since) => since >= 0 && since % period < lasts,
    ).length;
  return Array.from({ length: looks }, (_none, at) => {
    const [ended, before] = [endedBy(at * 5), at === 0 ? 0 : endedBy((at - 1) * 5)];
    const some = resets ? ended > before : ended > 0;
    return {
      ended,
      before,
      running: runningAt(at * 5),
      text: [
        `llamacpp:tokens_predicted_total ${ended * tokens}`,
        `llamacpp:tokens_predicted_seconds_total ${ended * lasts}`,
        `llamacpp:predicted_tokens_seconds ${some ? speed : 0}`,
        `llamacpp:requests_processing ${runningAt(at * 5)}`,
      ].join('\n'),
    };
  });
}

describe('a server that counts tokens when a request has ended', () => {
  test('has the speed of its requests, from the first one that ends: 100 tokens per second are 100', () => {
    const looks = llamaServer({ count: 1, speed: 100, tokens: 3000, pauseS: 0, resets: true }, 20);
    expect(rates(looks.map(({ text }) => text))).toEqual([
      ...Array.from({ length: 6 }, () => null),
      ...Array.from({ length: 14 }, () => expect.closeTo(100)),
    ]);
  });

  test('says by its gauge alone what one request gets', () => {
    const look = (total: number, gauge: number) =>
      `llamacpp:tokens_predicted_total ${total}\nllamacpp:predicted_tokens_seconds ${gauge}\nllamacpp:requests_processing 1`;
    expect(rates([look(0, 100), look(0, 100), look(3000, 100)])).toEqual([100, 100, 100]);
  });

  test('with several slots has the speed of all that are at work, and none with nothing to do', () => {
    fc.assert(
      fc.property(
        fc.record({
          count: fc.integer({ min: 1, max: 8 }),
          speed: fc.integer({ min: 5, max: 200 }),
          tokens: fc.integer({ min: 50, max: 4000 }),
          pauseS: fc.integer({ min: 0, max: 60 }),
          resets: fc.boolean(),
        }),
        (slots) => {
          const looks = llamaServer(slots, 40);
          const shown = rates(looks.map(({ text }) => text));
          looks.forEach(({ ended, before, running }, at) => {
            const isIdle = running === 0 && ended === before;
            const most = Math.max(running, looks[at - 1]?.running ?? 0) * slots.speed;
            if (at === 0 || (ended === 0 && !isIdle)) expect(shown[at]).toBeNull();
            else if (isIdle) expect(shown[at]).toBe(0);
            else if (ended === before) expect(shown[at]).toBeCloseTo(running * slots.speed, 3);
            else expect(shown[at]).toBeLessThanOrEqual(most + 1e-6);
          });
        },
      ),
    );
  });

  test('is read by what it counts as it comes, where it does', () => {
    const look = (decoded: number, ended: number) => `sglang:num_running_reqs{model_name="m",tp_rank="0"} 1
sglang:realtime_tokens_total{model_name="m",tp_rank="0",mode="decode"} ${decoded}
sglang:realtime_tokens_total{model_name="m",tp_rank="0",mode="prefill_compute"} 77
sglang:generation_tokens_total{model_name="m",is_streaming="true"} ${ended}
sglang:gen_throughput{model_name="m",tp_rank="0"} 90
`;
    expect(rates([look(0, 0), look(500, 0), look(1000, 1000)])).toEqual([90, 100, 100]);
    const older = (ended: number) => look(0, ended).replaceAll(/^.*realtime.*$/gm, '');
    expect(rates([older(0), older(0), older(3000)])).toEqual([90, 90, 90]);
  });

  test('and says no more than that has the mean over a minute', () => {
    const look = (ended: number, running = 2) =>
      `tgi_request_generated_tokens_sum ${ended}\ntgi_batch_current_size ${running}`;
    const busy = Array.from({ length: 30 }, (_none, at) => look(Math.floor(at / 4) * 2000));
    for (const rate of rates(busy).slice(14)) {
      expect(rate).toBeGreaterThan(60);
      expect(rate).toBeLessThan(150);
    }
    expect(rates([look(100, 0), look(100, 0)])).toEqual([null, 0]);
  });
});
