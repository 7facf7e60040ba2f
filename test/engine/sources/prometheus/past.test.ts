import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type HistoryRange, rangeMs, type SourcePast, type Track } from '#common/history.ts';
import { newPrometheusSource } from '#common/prometheus.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../../../support/engine-for.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { openMetrics, type PastSeries } from '../../../support/open-metrics.ts';
import {
  dcgmText,
  freePort,
  haveAll,
  startExporter,
  startPrometheus,
  uuidOf,
} from '../../../support/prometheus.ts';

const hourMs = 3_600_000;
const ending: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ending.reverse()) await end();
});

/** What stands before a server and notes the ranges that it is asked for. */
async function noting(port: number): Promise<{ readonly url: string; readonly ranges: URLSearchParams[] }> {
  const ranges: URLSearchParams[] = [];
  const server = createServer(async (asked, response) => {
    const form = await text(asked);
    if (asked.url === '/api/v1/query_range') ranges.push(new URLSearchParams(form));
    const { method, url: path, headers } = asked;
    const forwarded = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.writeHead(503).end());
    forwarded.end(form);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ranges };
}

/** An engine on hosts that nothing listens for, and this Prometheus. */
async function engineOn(url: string, aliases: readonly string[]): Promise<Engine> {
  const folder = await temporaryFolder();
  ending.push(folder.remove);
  const port = await freePort();
  const hosts = aliases.map((alias) => `Host ${alias}\n  HostName 127.0.0.1\n  Port ${port}\n`);
  const settings = { prometheus: [{ ...newPrometheusSource('one', url), name: 'fleet' }], welcomed: true };
  const engine = engineFor(await folder.write('config', hosts.join('')), { settings });
  ending.push(() => engine.dispose());
  await engine.loadHosts();
  return engine;
}

const vllm = (seconds: number): string => {
  const labels = 'model_name="m",engine="0"';
  const ttft = 'vllm:time_to_first_token_seconds';
  return [
    `vllm:num_requests_running{${labels}} 3`,
    `vllm:num_requests_waiting{${labels}} 0`,
    `vllm:kv_cache_usage_perc{${labels}} 0.5`,
    `vllm:generation_tokens_total{${labels}} ${2 * seconds}`,
    `${ttft}_bucket{${labels},le="0.1"} 0`,
    `${ttft}_bucket{${labels},le="0.5"} ${seconds}`,
    `${ttft}_bucket{${labels},le="+Inf"} ${seconds}`,
    `${ttft}_count{${labels}} ${seconds}`,
    '',
  ].join('\n');
};

describe.skipIf(!haveAll('prometheus', 'promtool'))('a week that a real Prometheus knows', () => {
  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const fromMs = nowMs - 6 * 24 * hourMs;
  const upgradedMs = nowMs - 3 * 24 * hourMs;
  const [awayMs, backMs] = [nowMs - 12 * hourMs, nowMs - 6 * hourMs];
  const uuid = uuidOf('01', 0);
  const prometheus = { port: 0, stop: async () => undefined as unknown };
  let engine: Engine;
  let ranges: URLSearchParams[];

  /** Another version of the exporter with another address before, and six hours in which it was away. */
  const past = (): readonly PastSeries[] => {
    const job = 'exporters';
    const before = { gpu: '0', UUID: uuid, instance: '10.9.9.9:9400', job };
    const after = { gpu: '0', UUID: uuid, instance: 'gpu-01:9400', job };
    const model = { model_name: 'm', engine: '0', instance: 'gpu-01:8000', job };
    const since = (ms: number): number => (ms - fromMs) / 1000;
    const isAway = (ms: number): boolean => ms < upgradedMs || (ms > awayMs && ms < backMs);
    const second = { gpu: '0', UUID: uuidOf('02', 0), instance: 'gpu-02:9400', job };
    const ttft = 'vllm:time_to_first_token_seconds';
    return [
      { name: 'DCGM_FI_DEV_GPU_UTIL_RATIO', labels: before, at: (ms) => (ms < upgradedMs ? 0.25 : null) },
      { name: 'DCGM_FI_DEV_GPU_UTIL', labels: after, at: (ms) => (isAway(ms) ? null : 75) },
      { name: 'DCGM_FI_DEV_GPU_UTIL', labels: second, at: () => 5 },
      { name: 'DCGM_FI_DEV_FB_USED', labels: after, at: (ms) => (isAway(ms) ? null : 40_000) },
      { name: 'DCGM_FI_DEV_FB_USED', labels: second, at: () => 4 },
      { name: 'vllm:num_requests_running', labels: model, at: () => 7 },
      { name: 'vllm:kv_cache_usage_perc', labels: model, at: () => 0.5 },
      { name: 'vllm:generation_tokens_total', labels: model, at: (ms) => 2 * since(ms) },
      { name: `${ttft}_bucket`, labels: { ...model, le: '0.1' }, at: () => 0 },
      { name: `${ttft}_bucket`, labels: { ...model, le: '0.5' }, at: since },
      { name: `${ttft}_bucket`, labels: { ...model, le: '+Inf' }, at: since },
      { name: `${ttft}_count`, labels: model, at: since },
    ];
  };

  beforeAll(async () => {
    const exporters = await Promise.all([
      startExporter(dcgmText('old', [{ util: 75, usedMiB: 40_000, hostname: 'gpu-01', host: '01' }])),
      startExporter(dcgmText('old', [{ util: 5, usedMiB: 4, hostname: 'gpu-02', host: '02' }])),
      startExporter(vllm((nowMs - fromMs) / 1000)),
    ]);
    for (const { stop } of exporters) ending.push(stop);
    const instances = ['gpu-01:9400', 'gpu-02:9400', 'gpu-01:8000'];
    const targets = exporters.map(({ port }, at) => ({ port, instance: instances[at] ?? '' }));
    const text = openMetrics(past(), { fromMs, toMs: nowMs - 60_000, stepMs: 120_000 });
    const running = await startPrometheus(targets, [], 2, text);
    ending.push(running.stop);
    Object.assign(prometheus, running);
    const noted = await noting(running.port);
    ({ ranges } = noted);
    engine = await engineOn(noted.url, ['gpu-01']);
    await vi.waitFor(
      async () => {
        await engine.scan();
        const [state] = engine.snapshot().prometheus;
        expect(state).toMatchObject({ state: { kind: 'up' }, hosts: 2, gpus: 2 });
        const names = engine.snapshot().hosts.map(({ id, beside }) => [id, beside?.servers.length ?? null]);
        expect(names).toEqual([
          ['gpu-01', 1],
          ['prometheus/gpu-02', null],
        ]);
      },
      { timeout: 40_000, interval: 500 },
    );
  });

  const ask = (hostId: string, range: HistoryRange, port?: number): Promise<readonly SourcePast[]> =>
    Promise.resolve(
      engine.handlers['history.fromSources']({ hostId, range, ...(port !== undefined && { port }) }),
    );
  const trackOf = async (...asked: Parameters<typeof ask>): Promise<Track> => {
    const [one, ...others] = await ask(...asked);
    expect(others).toEqual([]);
    if (one?.kind !== 'read') throw new Error(`not read: ${JSON.stringify(one)}`);
    expect(one).toMatchObject({ source: 'fleet', partial: null });
    return one.track;
  };
  /** The values of a column between two times. */
  const between = ({ times, columns }: Track, column: string, from: number, to: number) =>
    (columns[column] ?? []).filter((_value, at) => (times[at] ?? 0) > from && (times[at] ?? 0) <= to);

  it('is read for a GPU of an alias of SSH: by UUID, over versions and addresses of its exporter', async () => {
    const track = await trackOf('gpu-01', 'week');
    expect(track.id).toBe('gpu-01');
    expect(track.times.length).toBeGreaterThan(280);
    expect(track.times.length).toBeLessThanOrEqual(361);
    const hour = 2 * hourMs;
    const util = `${uuid} utilPct`;
    expect(Math.abs((track.times[0] ?? 0) - fromMs)).toBeLessThan(hour);
    expect(new Set(between(track, util, fromMs, upgradedMs - hour))).toEqual(new Set([25]));
    expect(new Set(between(track, util, upgradedMs + hour, awayMs - hour))).toEqual(new Set([75]));
    expect(between(track, util, awayMs + hour, backMs - hour)).toEqual([]);
    expect(new Set(between(track, `${uuid} memUsedMiB`, backMs + hour, nowMs))).toEqual(new Set([40_000]));
    expect(Object.keys(track.columns)).toEqual([util, `${uuid} memUsedMiB`]);
  });

  it('is read for the latest day, which begins a day ago', async () => {
    const track = await trackOf('gpu-01', 'day');
    expect(track.times.length).toBeGreaterThan(200);
    expect(track.times.length).toBeLessThanOrEqual(361);
    expect((track.times[0] ?? 0) - (nowMs - rangeMs.day)).toBeLessThan(hourMs);
    expect(between(track, `${uuid} utilPct`, awayMs + hourMs, backMs - hourMs)).toEqual([]);
  });

  it('is read for a host that Prometheus alone knows', async () => {
    const track = await trackOf('prometheus/gpu-02', 'day');
    expect(track.id).toBe('prometheus/gpu-02');
    expect(new Set(track.columns[`${uuidOf('02', 0)} utilPct`])).toEqual(new Set([5]));
  });

  it('is read for a model server', async () => {
    const track = await trackOf('gpu-01', 'day', 8000);
    expect(track.id).toBe('gpu-01:8000');
    const values = (metric: string) =>
      new Set(between(track, `m ${metric}`, nowMs - 20 * hourMs, nowMs - hourMs));
    expect(values('running')).toEqual(new Set([7]));
    expect(values('kvCachePct')).toEqual(new Set([50]));
    expect(values('generationTokensPerSecond')).toEqual(new Set([2]));
    expect(values('ttftP50Ms')).toEqual(new Set([300]));
  });

  it('is asked for in a few bounded queries, each once, and for nothing else', async () => {
    ranges.splice(0);
    const first = await ask('gpu-01', 'half-hour');
    expect(await ask('gpu-01', 'half-hour')).toEqual(first);
    expect(ranges).toHaveLength(2);
    for (const form of ranges) {
      const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(form.get(name)));
      expect(((end ?? 0) - (start ?? 0)) / (step ?? 0)).toBeLessThanOrEqual(360);
      expect(form.get('timeout')).toBe('20s');
      expect(form.get('query')).toContain(`{UUID=~"${uuid}"}`);
    }
    ranges.splice(0);
    expect(await ask('gpu-99', 'week')).toEqual([]);
    expect(await ask('gpu-01', 'week', 9999)).toEqual([]);
    expect(ranges).toEqual([]);
  });

  it('that cannot be read is said with the reason, and what was measured here stays', async () => {
    await prometheus.stop();
    expect(await ask('prometheus/gpu-02', 'week')).toMatchObject([
      { kind: 'failed', source: 'fleet', failure: { code: 'source-busy', detail: 'HTTP 503' } },
    ]);
    const tracks = await engine.handlers['history.get']({ ids: ['prometheus/gpu-02'] });
    expect(tracks[0]?.times.length).toBeGreaterThan(0);
  });
});

it('a source that has never answered is said to have failed, because it may know the host', async () => {
  const engine = await engineOn('http://127.0.0.1:1', ['gpu-01']);
  const request = { hostId: 'gpu-01', range: 'day' } as const;
  expect(await engine.handlers['history.fromSources'](request)).toEqual([]);
  await engine.scan();
  expect(await engine.handlers['history.fromSources'](request)).toMatchObject([
    { kind: 'failed', source: 'fleet', failure: { code: 'source-unreachable' } },
  ]);
});
