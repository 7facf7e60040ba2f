import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Problem } from '#common/failure.ts';
import { columnName, latestValues } from '#common/history.ts';
import type { Host } from '#common/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import { createHistory } from '#engine/history/history.ts';
import { createHistoryFile } from '#engine/history/history-file.ts';
import { createTrackStore } from '#engine/history/track-store.ts';
import { aGpu, aHost, aServer } from '../../../support/samples.ts';
import { failed, snapshot } from '../../../support/snapshot.ts';

const util = columnName('GPU-0', 'utilPct');

const measured = (at: number, utilPct: number | null): Host => ({
  ...aHost,
  measuredAt: at,
  gpus: [{ ...aGpu, utilPct }],
});

describe('a track', () => {
  test('holds the latest samples whole and the older ones as means, whatever comes', () => {
    const samples = fc.array(
      fc.record({ step: fc.integer({ min: 0, max: 400 }), value: fc.option(fc.nat(100)) }),
      {
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(samples, (steps) => {
        const track = createTrackStore({ fullSamples: 20, bucketMs: 1000, buckets: 30 });
        let at = 5000;
        const all = steps.map(({ step, value }) => {
          at += step;
          track.push(at, value === null ? {} : { x: value });
          return { at, value };
        });
        const { times, columns } = track.read('t');
        const whole = all.slice(-20);
        expect(times.slice(times.length - whole.length)).toEqual(whole.map((sample) => sample.at));
        if (columns.x !== undefined)
          expect(columns.x.slice(times.length - whole.length)).toEqual(whole.map(({ value }) => value));
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(times.length).toBeLessThanOrEqual(50);
        // Every mean is that of the samples of its bucket.
        times.slice(0, times.length - whole.length).forEach((start, index) => {
          const values = all
            .filter((sample) => sample.at >= start && sample.at < start + 1000)
            .flatMap(({ value }) => value ?? []);
          const mean =
            values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
          const read = columns.x?.[index] ?? null;
          if (mean === null) expect(read).toBeNull();
          else expect(read).toBeCloseTo(mean, 4);
        });
      }),
    );
  });

  test('goes on when the clock is set back, and lets go of what lies in the future then', () => {
    const hour = 3_600_000;
    const track = createTrackStore({ fullSamples: 20, bucketMs: 1000, buckets: 30 });
    const pushFrom = (at: number, value: number): void => {
      for (let n = 0; n < 30; n += 1) track.push(at + n * 300, { x: value });
    };
    pushFrom(5 * hour, 1);
    pushFrom(7 * hour, 2);
    pushFrom(6 * hour, 3);
    const { times, columns } = track.read('t');
    expect(track.latestMs()).toBe(6 * hour + 29 * 300);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.filter((at) => at > 6 * hour + 29 * 300)).toEqual([]);
    expect(columns.x?.slice(-20)).toEqual(Array(20).fill(3));
    expect(columns.x).toContain(1);
    expect(columns.x).not.toContain(2);
  });

  test('goes back by itself when it is asked for what was since then', () => {
    const track = createTrackStore();
    for (let at = 1000; at <= 9000; at += 1000) track.push(at, { x: at });
    expect(track.read('t', 7000)).toEqual({
      id: 't',
      times: [7000, 8000, 9000],
      columns: { x: [7000, 8000, 9000] },
    });
    expect(latestValues(track.read('t'), 'x', 3)).toEqual([7000, 8000, 9000]);
    expect(latestValues(undefined, 'x', 2)).toEqual([null, null]);
  });
});

describe('the history', () => {
  test('takes every measurement once, and leaves a gap where nobody answered', () => {
    const history = createHistory(() => 4000);
    history.observe(snapshot({ hosts: [measured(1000, 10)] }));
    history.observe(snapshot({ hosts: [{ ...measured(1000, 10), forwarding: 'allowed' }] }));
    history.observe(snapshot({ hosts: [measured(2000, null)] }));
    history.observe(snapshot({ hosts: [{ ...measured(2000, null), state: failed('stale') }] }));
    history.observe(snapshot({ hosts: [measured(5000, 30)] }));
    const [track] = history.read(['gpu1']);
    expect(track?.times).toEqual([1000, 2000, 4000, 5000]);
    expect(track?.columns[util]).toEqual([10, null, null, 30]);
  });

  test('goes on by Prometheus while SSH is away, and loses nothing to a sample that is older', () => {
    const history = createHistory(() => 5000);
    const origin = {
      kind: 'prometheus',
      sourceId: 'one',
      name: 'fleet',
      host: 'gpu1',
      instance: 'gpu1:9400',
    } as const;
    const besideAt = (at: number, utilPct: number): Host => ({
      ...measured(2000, null),
      state: failed('stale'),
      beside: {
        origin: { ...origin, staleAfterMs: 95_000, ssh: null, without: null },
        gpus: [{ ...aGpu, utilPct }],
        measuredAt: at,
        driverVersion: null,
        cudaVersion: null,
        system: null,
        servers: [],
      },
    });
    const far = 200_000;
    const hosts = [
      measured(far, 10),
      besideAt(100_000, 99),
      besideAt(far + 9000, 20),
      besideAt(far + 9000, 20),
    ];
    for (const host of [...hosts, measured(far + 12_000, 30)]) history.observe(snapshot({ hosts: [host] }));
    const [track] = history.read(['gpu1']);
    expect(track?.times).toEqual([far, far + 9000, far + 12_000]);
    expect(track?.columns[util]).toEqual([10, 20, 30]);
  });

  test('keeps the load of every model', () => {
    const history = createHistory(() => 7);
    const load = { model: 'm', running: 3, waiting: 0, kvCachePct: 12.5, promptTokensPerSecond: null };
    const loads = [{ ...load, generationTokensPerSecond: 100, ttft: { p50Ms: 80, p95Ms: 90 } }];
    const server = { ...aServer, loads } as unknown as ModelServer;
    history.observe(snapshot({ hosts: [aHost], servers: [server] }));
    const [track] = history.read([server.id]);
    expect(track?.columns).toEqual({
      'm running': [3],
      'm waiting': [0],
      'm kvCachePct': [12.5],
      'm promptTokensPerSecond': [null],
      'm generationTokensPerSecond': [100],
      'm ttftP50Ms': [80],
    });
  });

  test('of 1,000 hosts with 8 GPUs fits: a day of samples every 5 seconds', () => {
    const before = process.memoryUsage();
    const stores = Array.from({ length: 100 }, () => createTrackStore());
    const gpus = Array.from({ length: 8 }, (_gpu, index) => `GPU-${index}`);
    const values = Object.fromEntries(
      gpus.flatMap((uuid) => [
        [`${uuid} utilPct`, 50],
        [`${uuid} memUsedMiB`, 60_000],
      ]),
    );
    for (const store of stores) for (let at = 0; at < 24 * 3_600_000; at += 60_000) store.push(at, values);
    const after = process.memoryUsage();
    const mib = (after.arrayBuffers - before.arrayBuffers) / 1_048_576;
    console.log(`100 hosts: ${mib.toFixed(1)} MiB of buffers, so 1,000 hosts: ${(mib * 10).toFixed(0)} MiB`);
    expect(mib * 10).toBeLessThan(100);
  });
});

describe('the file', () => {
  const open = (onProblem: (problem: Problem) => void = () => undefined) => {
    const folder = mkdtempSync(join(tmpdir(), 'vllm-tray-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'history.json');
    return { path, file: (history = createHistory()) => createHistoryFile({ path, history, onProblem }) };
  };

  test('brings the means of the day back after a restart', async () => {
    const { path, file } = open();
    const history = createHistory();
    for (let at = 0; at < 3_600_000; at += 60_000) history.observe(snapshot({ hosts: [measured(at, 40)] }));
    const first = file(history);
    await first.keep(true);
    await first.dispose();
    expect(statSync(path).mode & 0o777).toBe(0o600);

    const later = createHistory();
    const second = file(later);
    await second.keep(true);
    const [track] = later.read(['gpu1']);
    expect(track?.times.length).toBeGreaterThan(9);
    expect(new Set(track?.columns[util])).toEqual(new Set([40]));
    // Switched off, nothing of it stays.
    await second.keep(false);
    await second.dispose();
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    '',
    '{"version":2,"tracks":{}}',
    '{"version":1,"tracks":{"a":{"times":["x"]',
    '[]',
    '{"version":1}',
  ])('that holds %j is one problem and no history', async (text) => {
    const problems: Problem[] = [];
    const { path, file } = open((problem) => problems.push(problem));
    writeFileSync(path, text);
    const history = createHistory();
    await file(history).load();
    expect(history.ids()).toEqual([]);
    expect(problems).toMatchObject([{ code: 'history-file' }]);
  });

  test('that cannot be written is told once, and the old one stays', async () => {
    const problems: Problem[] = [];
    const { path, file } = open((problem) => problems.push(problem));
    const kept = file();
    await kept.save();
    const before = readFileSync(path, 'utf8');
    const unwritable = createHistoryFile({
      path: join(path, 'below-a-file'),
      history: createHistory(),
      onProblem: (problem) => problems.push(problem),
    });
    await unwritable.save();
    await unwritable.dispose();
    expect(problems).toHaveLength(1);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});
