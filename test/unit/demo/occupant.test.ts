import { describe, expect, it } from 'vitest';
import { createJob, createServing, type Occupant } from '../../../main/demo/occupant.ts';
import { createRandom } from '../../../main/demo/random.ts';
import type { ServerLoad } from '../../../main/demo/server-load.ts';
import { h100, type JobSpec, serverOf, training } from '../../../main/demo/specs.ts';

/** Each second of two hours: how busy its GPUs are, and its processes. */
function watched(occupant: Occupant) {
  return Array.from({ length: 7200 }, (_none, second) => {
    occupant.advance(1, second + 1);
    return { util: occupant.utilPct(), pids: occupant.processes().map(({ pid }) => pid) };
  });
}
const job = (rest: Partial<JobSpec> = {}) => createJob(training('ada', [2, 3], rest), createRandom(11));

describe('a job', () => {
  it('holds its GPUs while it runs, and nothing in its pauses', () => {
    const seconds = watched(job());
    const pauses = seconds.filter(({ pids }) => pids.length === 0);
    expect(pauses.length).toBeGreaterThan(0);
    expect(pauses.length).toBeLessThan(seconds.length / 2);
    expect(pauses.every(({ util }) => util === 0)).toBe(true);
    const runs = seconds.filter(({ pids }) => pids.length > 0);
    expect(runs.every(({ util, pids }) => util >= 1 && util <= 100 && pids.length === 2)).toBe(true);
    // Another run is another process.
    expect(new Set(runs.map(({ pids }) => pids[0])).size).toBeGreaterThan(1);
  });

  it('without pauses stays the same process', () => {
    const pids = watched(job({ pauseMinutes: null })).map((second) => second.pids.join());
    expect(new Set(pids).size).toBe(1);
  });
});

describe('a model server', () => {
  const spec = serverOf({ model: 'm', user: 'ada', gpus: [0, 1], maxModelLen: 1 });
  const serving = (phase: 'serving' | 'sleeping' | 'down', busy = 0.5) => {
    const load = { spec, phase: () => phase, busy: () => busy } as unknown as ServerLoad;
    return createServing(load, { gpu: h100, random: createRandom(3) });
  };
  const memOf = (occupant: Occupant) => occupant.processes().flatMap(({ gpu }) => gpu?.memMiB ?? []);

  it('is one process that listens, and one for each GPU, which it fills', () => {
    const occupant = serving('serving');
    expect(occupant.processes()).toHaveLength(3);
    expect(Math.min(...memOf(occupant))).toBeGreaterThan(h100.memTotalMiB * 0.85);
    expect(Math.max(...memOf(occupant))).toBeLessThan(h100.memTotalMiB);
  });

  it('leaves a context on its GPUs while it sleeps, and nothing when it is down', () => {
    expect(memOf(serving('sleeping'))).toEqual([1450, 1450]);
    expect(serving('down').processes()).toEqual([]);
  });

  it('keeps its GPUs busy at half a batch, and idle without a request', () => {
    const [busy, idle] = [serving('serving'), serving('serving', 0)];
    for (let second = 0; second < 60; second += 1) for (const one of [busy, idle]) one.advance(1, second);
    expect(busy.utilPct()).toBeGreaterThan(60);
    expect(idle.utilPct()).toBe(0);
  });
});
