import { describe, expect, it } from 'vitest';
import { readMetrics } from '#engine/models/metrics.ts';
import {
  type BadHealth,
  isStalled,
  type Moment,
  nextHealth,
  nextStall,
  progressOf,
  type Stall,
  stuckState,
} from '#engine/models/stuck.ts';

interface Sample {
  readonly running?: number;
  readonly waiting?: number;
  readonly prompt?: number;
  readonly generated?: number;
}

const at = (seconds: number): Moment => ({ nowMs: 1000 * seconds, wallMs: 1_000_000 + 1000 * seconds });

function progress(prefix: 'vllm' | 'sglang', { running, waiting, prompt, generated }: Sample) {
  const line = (name: string, value: number | undefined): string =>
    value === undefined ? '' : `${prefix}:${name}{model_name="m"} ${value}\n`;
  const text = [
    line(prefix === 'vllm' ? 'num_requests_running' : 'num_running_reqs', running),
    line(prefix === 'vllm' ? 'num_requests_waiting' : 'num_queue_reqs', waiting),
    line('prompt_tokens_total', prompt),
    line('generation_tokens_total', generated),
  ].join('');
  return progressOf(readMetrics(text) ?? expect.fail('no metrics'));
}

/** The state at each second at which there was a reading. */
function through(readings: readonly (readonly [second: number, sample: Sample])[]) {
  let stall: Stall | null = null;
  return readings.map(([second, sample]) => {
    stall = nextStall(stall, progress('vllm', sample), at(second));
    return stuckState(stall, null, at(second));
  });
}

const busy: Sample = { running: 2, waiting: 0, prompt: 100, generated: 10 };
const stuckSince = (seconds: number) => ({
  kind: 'stuck',
  why: 'no-progress',
  since: 1_000_000 + 1000 * seconds,
});

describe('no token for a minute while requests are there', () => {
  it('is stuck, since the first reading of it', () => {
    const found = through([5, 25, 45, 64, 65, 90].map((second) => [second, busy]));
    expect(found).toEqual([null, null, null, null, stuckSince(5), stuckSince(5)]);
  });

  it('holds for requests that only wait, too', () => {
    const waiting = { ...busy, running: 0, waiting: 3 };
    expect(through([0, 30, 60].map((second) => [second, waiting]))).toEqual([null, null, stuckSince(0)]);
  });

  it.each([
    ['a prompt was read', { ...busy, prompt: 101 }],
    ['a token was generated', { ...busy, generated: 11 }],
    ['it began anew', { ...busy, prompt: 0, generated: 0 }],
    ['nothing is asked of it', { ...busy, running: 0 }],
    ['its requests are unknown', { prompt: 100, generated: 10 }],
    ['its tokens are unknown', { running: 2 }],
  ])('ends as soon as %s, and its time begins anew', (_title, other) => {
    const found = through([
      [0, busy],
      [30, busy],
      [60, busy],
      [65, other],
      [70, busy],
      [100, busy],
      [125, busy],
    ]);
    expect(found.slice(2, 6)).toEqual([stuckSince(0), null, null, null]);
  });

  it('is no matter of two readings that are far apart: the computer may have slept', () => {
    expect(
      through([
        [0, busy],
        [3600, busy],
        [3605, busy],
      ]),
    ).toEqual([null, null, stuckSince(0)]);
  });

  it('is a suspicion alone where tokens are counted when a request has ended', () => {
    let stall: Stall | null = null;
    for (const second of [0, 40, 80]) stall = nextStall(stall, progress('sglang', busy), at(second));
    expect(isStalled(stall, at(80))).toBe(true);
    expect(stuckState(stall, null, at(80))).toBeNull();
  });
});

describe('a health page that fails', () => {
  it('is stuck with the second failure in a row', () => {
    let health: BadHealth | null = null;
    const states = [true, false, true, true, false].map((fails, index) => {
      health = nextHealth(health, fails, at(index));
      return stuckState(null, health, at(index))?.why ?? null;
    });
    expect(states).toEqual([null, null, null, 'unhealthy', null]);
  });
});
