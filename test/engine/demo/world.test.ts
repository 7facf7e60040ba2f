import { describe, expect, test } from 'vitest';
import { demoHosts } from '../../../main/demo/catalogue.ts';
import { createWorld, type GpuTruth, type World } from '../../../main/demo/world.ts';

const hostOf = (world: World, alias: string) => {
  const host = world.hosts.find(({ spec }) => spec.alias === alias);
  if (host === undefined) throw new Error(`no host ${alias}`);
  return host;
};

const run = (world: World, seconds: number, look: (second: number) => void) => {
  for (let second = 0; second < seconds; second += 1) {
    world.advance(1);
    look(second);
  }
};

const picture = (world: World) =>
  world.hosts.map((host) => ({
    gpus: host.gpus(),
    processes: host.processes(),
    listeners: host.listeners(),
  }));

describe('the world of the demo cluster', () => {
  test('is the same for the same seed and another for another', () => {
    const [one, same, other] = [
      createWorld(demoHosts, 7),
      createWorld(demoHosts, 7),
      createWorld(demoHosts, 8),
    ];
    for (const world of [one, same, other]) run(world, 90, () => undefined);
    expect(picture(one)).toEqual(picture(same));
    expect(picture(one)).not.toEqual(picture(other));
  });

  test('has busy GPUs whose load moves and idle ones that stay at nothing', () => {
    const world = createWorld(demoHosts, 1);
    const host = hostOf(world, 'h100-01');
    const serving = new Set<number | null>();
    const idle = new Set<string>();
    run(world, 120, () => {
      const gpus = host.gpus();
      serving.add(gpus[0]?.utilPct ?? null);
      idle.add(`${gpus[7]?.utilPct} ${gpus[7]?.memUsedMiB}`);
    });
    expect(serving.size).toBeGreaterThan(10);
    expect([...idle]).toEqual(['0 4']);
  });

  test('lets a training job end, its GPUs be free for a while, and the next one begin', () => {
    const world = createWorld(demoHosts, 3);
    const host = hostOf(world, 'h100-02');
    const changes: string[] = [];
    run(world, 3600, () => {
      const gpus = host.gpus();
      const now = gpus.every(
        ({ utilPct, memUsedMiB, model }) => utilPct === 0 && memUsedMiB === model.memIdleMiB,
      )
        ? 'free'
        : 'taken';
      expect(host.processes()).toHaveLength(now === 'free' ? 0 : 8);
      if (changes.at(-1) !== now) changes.push(now);
    });
    expect(changes.slice(0, 3)).toEqual(['taken', 'free', 'taken']);
  });

  test('stays within what the hardware can do', () => {
    const world = createWorld(demoHosts, 5);
    const check = (gpu: GpuTruth) => {
      expect(gpu.memUsedMiB).toBeGreaterThanOrEqual(gpu.model.memIdleMiB);
      expect(gpu.memUsedMiB).toBeLessThanOrEqual(gpu.model.memTotalMiB);
      expect(gpu.utilPct ?? 0).toBeGreaterThanOrEqual(0);
      expect(gpu.utilPct ?? 0).toBeLessThanOrEqual(100);
      expect(gpu.powerW).toBeGreaterThan(0);
      expect(gpu.powerW).toBeLessThanOrEqual(gpu.model.limitW);
      expect(gpu.temperatureC).toBeGreaterThan(20);
      expect(gpu.temperatureC).toBeLessThan(90);
    };
    run(world, 1200, (second) => {
      if (second % 20 === 0) for (const host of world.hosts) host.gpus().forEach(check);
    });
  });

  test('has GPUs of every kind that the app must tell apart', () => {
    const world = createWorld(demoHosts, 1);
    expect(hostOf(world, 'a100-mig').gpus()[0]).toMatchObject({ utilPct: null, mig: { length: 3 } });
    expect(
      hostOf(world, 'a100-train-1')
        .gpus()
        .map(({ broken }) => broken),
    ).toEqual([...new Array<boolean>(5).fill(false), true, false, false]);
    expect(hostOf(world, 'cpu-build').gpus()).toEqual([]);
    const uuids = world.hosts.flatMap((host) => host.gpus().map(({ uuid }) => uuid));
    expect(new Set(uuids).size).toBe(uuids.length);
    const pids = world.hosts.flatMap((host) => host.processes().map(({ pid }) => pid));
    expect(new Set(pids).size).toBe(pids.length);
  });
});

describe('the load of a model server', () => {
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

  test('grows its counters only, and they agree with its histograms', () => {
    const world = createWorld(demoHosts, 2);
    const load = hostOf(world, 'h200-01').loads.get(8000);
    if (load === undefined) throw new Error('no server');
    let before = load.figures();
    let most = 0;
    run(world, 600, () => {
      const now = load.figures();
      expect(now.generationTokens).toBeGreaterThanOrEqual(before.generationTokens);
      expect(now.promptTokens).toBeGreaterThanOrEqual(before.promptTokens);
      expect(now.kvCacheUsage).toBeLessThanOrEqual(1);
      expect(now.running).toBeLessThanOrEqual(128);
      const { stop, length, abort } = now.finished;
      expect(total(now.timeToFirstTokenSeconds.counts)).toBe(stop + length + abort);
      expect(total(now.requestSeconds.counts)).toBe(stop + length + abort);
      expect(total(now.interTokenSeconds.counts)).toBe(now.generationTokens);
      most = Math.max(most, now.waiting);
      before = now;
    });
    expect(most).toBeGreaterThan(0);
  });

  test('counts the requests that clients really send', () => {
    const load = hostOf(createWorld(demoHosts, 2), 'rtx-lab').loads.get(8000);
    if (load === undefined) throw new Error('no server');
    const before = load.figures();
    const live = load.begin(12);
    expect(load.figures().running).toBe(before.running + 1);
    live.token(0.08);
    live.token(0.02);
    live.end('stop', 0.1);
    const after = load.figures();
    expect(after).toMatchObject({
      running: before.running,
      promptTokens: before.promptTokens + 12,
      generationTokens: before.generationTokens + 2,
      finished: { ...before.finished, stop: before.finished.stop + 1 },
    });
  });
});
