import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { asOf } from '#common/freshness.ts';
import type { Host } from '#common/hosts.ts';
import { newPrometheusSource } from '#common/prometheus.ts';
import { gpuCondition } from '#common/select/gpus.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../../../support/engine-for.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import {
  dcgmText,
  type Exporter,
  freePort,
  haveAll,
  startExporter,
  startPrometheus,
} from '../../../support/prometheus.ts';

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function exporterOf(hostname: string, host: string, util = 0): Promise<Exporter> {
  const exporter = await startExporter(dcgmText('old', [{ util, usedMiB: 4, hostname, host }]));
  ending.push(exporter.stop);
  return exporter;
}

/** An engine on hosts that nothing listens for, and this Prometheus. */
async function engineWith(
  url: string,
  aliases: readonly string[],
  excludedHosts: string[] = [],
): Promise<Engine> {
  const folder = await temporaryFolder();
  ending.push(folder.remove);
  const port = await freePort();
  const config = await folder.write(
    'config',
    aliases.map((alias) => `Host ${alias}\n  HostName 127.0.0.1\n  Port ${port}\n`).join(''),
  );
  const settings = { prometheus: [newPrometheusSource('one', url)], welcomed: true, excludedHosts };
  const engine = engineFor(config, { settings });
  ending.push(() => engine.dispose());
  await engine.loadHosts();
  return engine;
}

const shown = (engine: Engine): readonly Host[] => asOf(engine.snapshot(), Date.now()).hosts;
const shownOf = (engine: Engine, alias: string): Host | undefined =>
  shown(engine).find((host) => host.alias === alias);
const scanUntil = (engine: Engine, expectation: () => void) =>
  vi.waitFor(
    async () => {
      await engine.scan();
      expectation();
    },
    { timeout: 25_000, interval: 500 },
  );

describe.skipIf(!haveAll('prometheus'))('hosts of Prometheus in the Snapshot', () => {
  it('are one row with those of SSH, and rows of their own without', async () => {
    const [first, second] = [
      await exporterOf('gpu-01.cluster.local', '01', 55),
      await exporterOf('gpu-02', '02'),
    ];
    const prometheus = await startPrometheus([
      { port: first.port, instance: '10.1.0.1:9400', labels: { rack: 'r1' } },
      { port: second.port, instance: '10.1.0.2:9400' },
    ]);
    ending.push(prometheus.stop);
    const engine = await engineWith(prometheus.url, ['gpu-01', 'gpu-03', 'gpu-02'], ['gpu-02']);
    await scanUntil(engine, () =>
      expect(shown(engine).map(({ alias, state }) => [alias, state.kind])).toEqual([
        ['gpu-01', 'up'],
        ['gpu-03', 'unreachable'],
        ['gpu-02', 'up'],
      ]),
    );
    const joined = shownOf(engine, 'gpu-01');
    expect(joined).toMatchObject({
      gpus: [{ utilPct: 55, name: 'NVIDIA H100 80GB HBM3' }],
      labels: { rack: 'r1' },
      source: { kind: 'prometheus', host: 'gpu-01.cluster.local', instance: '10.1.0.1:9400', without: null },
    });
    expect(joined?.source).toMatchObject({
      ssh: { kind: 'unreachable', failure: { code: 'connection-refused' } },
    });
    expect(shownOf(engine, 'gpu-02')).toMatchObject({
      id: 'prometheus/gpu-02',
      source: { kind: 'prometheus', ssh: null, without: 'switched-off' },
    });
    expect(engine.snapshot().prometheus).toMatchObject([
      { id: 'one', state: { kind: 'up' }, hosts: 2, gpus: 2, partial: null },
    ]);
    await expect(
      engine.handlers['forward.open']({ hostId: 'prometheus/gpu-02', remotePort: 8000 }),
    ).rejects.toMatchObject({ code: 'no-ssh' });
  });

  it('count an idle GPU by its samples and not by how often they are polled', async () => {
    const exporter = await exporterOf('gpu-01', '01');
    const prometheus = await startPrometheus([{ port: exporter.port, instance: 'gpu-01:9400' }]);
    ending.push(prometheus.stop);
    const engine = await engineWith(prometheus.url, []);
    await scanUntil(engine, () => expect(shownOf(engine, 'gpu-01')?.gpus).toHaveLength(1));
    exporter.text = exporter.text.replaceAll(/^(DCGM.*)$/gm, `$1 ${Date.now()}`);
    const measuredAt = () => shownOf(engine, 'gpu-01')?.measuredAt;
    // Until the sample is the one whose time stands still.
    let before = measuredAt();
    await vi.waitFor(
      async () => {
        await engine.scan();
        const now = measuredAt();
        const same = now === before;
        before = now;
        expect(same).toBe(true);
      },
      { timeout: 25_000, interval: 3000 },
    );
    const samples = shownOf(engine, 'gpu-01')?.gpus[0]?.samples;
    for (let at = 0; at < 5; at += 1) await engine.scan();
    expect(shownOf(engine, 'gpu-01')?.gpus[0]?.samples).toBe(samples);
    const gpu = shownOf(engine, 'gpu-01')?.gpus[0];
    expect(gpu && gpuCondition(gpu, engine.snapshot().settings.idleRule)).toBe('idle');
  });

  it('are stale when their exporter dies, and nothing of others changes', async () => {
    const [first, second] = [await exporterOf('gpu-01', '01'), await exporterOf('gpu-02', '02')];
    const prometheus = await startPrometheus([
      { port: first.port, instance: 'gpu-01:9400' },
      { port: second.port, instance: 'gpu-02:9400' },
    ]);
    ending.push(prometheus.stop);
    const engine = await engineWith(prometheus.url, []);
    // Scraped one after the other: what was not yet there at the first look is looked for soon after.
    const name = 'NVIDIA H100 80GB HBM3';
    await scanUntil(engine, () =>
      expect(shown(engine).map(({ gpus }) => gpus.map((gpu) => gpu.name))).toEqual([[name], [name]]),
    );
    first.isUp = false;
    await scanUntil(engine, () =>
      expect(shownOf(engine, 'gpu-01')?.state).toMatchObject({
        kind: 'stale',
        failure: { code: 'exporter-down', detail: 'gpu-01:9400' },
      }),
    );
    expect(shownOf(engine, 'gpu-01')?.gpus).toMatchObject([{ utilPct: null, name }]);
    expect(shownOf(engine, 'gpu-02')?.state.kind).toBe('up');
    first.isUp = true;
    await scanUntil(engine, () => expect(shownOf(engine, 'gpu-01')?.state.kind).toBe('up'));
  });

  it('stay when the server is restarted, and say what is wrong meanwhile', async () => {
    const exporter = await exporterOf('gpu-01', '01');
    const prometheus = await startPrometheus([{ port: exporter.port, instance: 'gpu-01:9400' }]);
    ending.push(prometheus.stop);
    const engine = await engineWith(prometheus.url, []);
    await scanUntil(engine, () => expect(shown(engine)).toHaveLength(1));
    await prometheus.stop();
    await engine.scan();
    expect(engine.snapshot().prometheus[0]?.state).toMatchObject({
      kind: 'failed',
      failure: { code: 'source-unreachable' },
    });
    expect(shown(engine).map(({ alias }) => alias)).toEqual(['gpu-01']);
  });

  it('are found by a test of the source, with what there is', async () => {
    const exporter = await exporterOf('gpu-01', '01');
    const prometheus = await startPrometheus([{ port: exporter.port, instance: 'gpu-01:9400' }]);
    ending.push(prometheus.stop);
    const engine = await engineWith('http://127.0.0.1:1', ['gpu-01']);
    const test = { source: newPrometheusSource('two', prometheus.url), login: null, header: null };
    await vi.waitFor(
      async () => {
        expect(await engine.handlers['source.test'](test)).toMatchObject({
          exporters: [{ kind: 'dcgm', series: 7 }],
          gpus: 1,
          hosts: 1,
          joined: 1,
          nameSet: 'old',
          utilUnit: 'percent',
          scrapeMs: 2000,
          partial: null,
        });
      },
      { timeout: 25_000, interval: 500 },
    );
    const report = await engine.handlers['source.test'](test);
    expect(Math.abs(report.clockDifferenceMs)).toBeLessThan(60_000);
    expect(report.version).toMatch(/^\d/);
    const nothing = { ...test, source: newPrometheusSource('two', 'http://127.0.0.1:1') };
    await expect(engine.handlers['source.test'](nothing)).rejects.toMatchObject({
      code: 'source-unreachable',
    });
  });
});

interface GivenAnswer {
  readonly result: readonly object[];
  readonly warnings?: readonly string[];
}

/** An engine on a server that answers each query in the form of Prometheus. */
async function engineOnAnswers(answerTo: (query: string) => GivenAnswer): Promise<Engine> {
  const server = createServer(async (request, response) => {
    const { result, ...besides } = answerTo(new URLSearchParams(await text(request)).get('query') ?? '');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result }, ...besides }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return engineWith(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, []);
}

it('keeps hosts that a partial answer leaves out', async () => {
  let isPartial = false;
  const sample = (name: string, host: string, value: number) => ({
    metric: { __name__: name, instance: `${host}:9400`, gpu: '0', UUID: `GPU-${host}`, Hostname: host },
    value: [Date.now() / 1000, String(value)],
  });
  const engine = await engineOnAnswers((query) => {
    const hosts = isPartial ? ['gpu-01'] : ['gpu-01', 'gpu-02'];
    const result = query.startsWith('count by (__name__)')
      ? [{ metric: { __name__: 'DCGM_FI_DEV_FB_USED' }, value: [1, '2'] }]
      : query.includes('timestamp(')
        ? hosts.map((host) => ({ metric: { instance: `${host}:9400` }, value: [100, '99'] }))
        : query.includes('DCGM_FI_DEV_FB_USED') && !query.includes('[')
          ? hosts.map((host) => sample('DCGM_FI_DEV_FB_USED', host, 7))
          : [];
    return { result, ...(isPartial && { warnings: ['store-2 is away'] }) };
  });
  await engine.scan();
  expect(shown(engine).map(({ alias, state }) => [alias, state.kind])).toEqual([
    ['gpu-01', 'up'],
    ['gpu-02', 'up'],
  ]);
  isPartial = true;
  await engine.scan();
  expect(shown(engine).map(({ alias, state }) => [alias, state.kind])).toEqual([
    ['gpu-01', 'up'],
    ['gpu-02', 'up'],
  ]);
  expect(engine.snapshot().prometheus[0]?.partial).toBe('store-2 is away');
  isPartial = false;
  await engine.scan();
  expect(engine.snapshot().prometheus[0]?.partial).toBeNull();
});

it('brings the hosts of a large fleet up to date in several patches, and leaves none out', async () => {
  const hosts = Array.from({ length: 600 }, (_none, at) => `gpu-${String(at).padStart(3, '0')}`);
  let used = 7;
  const series = (host: string) => ({
    metric: { __name__: 'DCGM_FI_DEV_FB_USED', instance: `${host}:9400`, gpu: '0', UUID: `GPU-${host}` },
    value: [used, String(used)],
  });
  const engine = await engineOnAnswers((query) => ({
    result: query.startsWith('count by (__name__)')
      ? [{ metric: { __name__: 'DCGM_FI_DEV_FB_USED' }, value: [1, '600'] }]
      : query.includes('timestamp(')
        ? hosts.map((host) => ({ metric: { instance: `${host}:9400` }, value: [used, String(used)] }))
        : query.includes('DCGM_FI_DEV_FB_USED') && !query.includes('[') && !query.startsWith('count')
          ? hosts.map(series)
          : [],
  }));
  await engine.scan();
  engine.snapshot();
  used = 9;
  const changed: number[] = [];
  engine.subscribe(({ hosts: patch }) => changed.push(patch?.steps?.length ?? 0));
  await engine.scan();
  expect(engine.snapshot().hosts.map(({ gpus }) => gpus[0]?.memUsedMiB)).toEqual(hosts.map(() => 9));
  expect(changed.filter((count) => count > 0)).toEqual([250, 250, 100]);
});
