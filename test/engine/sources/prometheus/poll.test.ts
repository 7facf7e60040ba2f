import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { newPrometheusSource } from '#common/prometheus.ts';
import { createClient, type PrometheusClient } from '#engine/sources/prometheus/client.ts';
import { type Poll, poll } from '#engine/sources/prometheus/poll.ts';
import { createSourceLoop } from '#engine/sources/prometheus/source-loop.ts';
import { exportersOf, type Survey, survey } from '#engine/sources/prometheus/survey.ts';
import { noSecrets } from '#engine/sources/prometheus/way.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import {
  dcgmText,
  type Exporter,
  haveAll,
  type ScrapeTarget,
  startExporter,
  startNodeExporter,
  startPrometheus,
  startVictoriaMetrics,
} from '../../../support/prometheus.ts';

const never = new AbortController().signal;
const ending: (() => unknown)[] = [];

function clientFor(url: string): PrometheusClient {
  const client = createClient({
    source: newPrometheusSource('one', url),
    secrets: noSecrets,
    stream: async (_alias, port) => connect({ port, host: '127.0.0.1' }),
    timeoutMs: 10_000,
  });
  ending.push(client.close);
  return client;
}

async function exporterOf(text: string): Promise<Exporter> {
  const exporter = await startExporter(text);
  ending.push(exporter.stop);
  return exporter;
}

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

const both = async (client: PrometheusClient): Promise<{ known: Survey; found: Poll }> => {
  const known = await survey(client, { hostLabel: '' }, never);
  return { known, found: await poll(client, known, never, '') };
};

const vllmText = `
vllm:num_requests_running{engine="0",model_name="org/m"} 2
vllm:num_requests_running{engine="1",model_name="org/m"} 3
vllm:num_requests_waiting{engine="0",model_name="org/m"} 1
vllm:kv_cache_usage_perc{engine="0",model_name="org/m"} 0.2
vllm:kv_cache_usage_perc{engine="1",model_name="org/m"} 0.4
vllm:generation_tokens_total{engine="0",model_name="org/m"} 100
`;

describe.skipIf(!haveAll('prometheus', 'prometheus-node-exporter'))('a look at real exporters', () => {
  it('reads both sets of names of dcgm-exporter, the host and its models', async () => {
    const older = await exporterOf(
      dcgmText('old', [
        { util: 90, usedMiB: 70_000, hostname: 'gpu-01', host: '01' },
        { util: 0, usedMiB: 4, hostname: 'gpu-01', host: '01' },
      ]),
    );
    const newer = await exporterOf(
      dcgmText('new', [{ util: 50, usedMiB: 1000, hostname: 'nvidia-dcgm-exporter-x7k2p', host: '02' }]),
    );
    const models = await exporterOf(vllmText);
    const folder = await temporaryFolder();
    ending.push(folder.remove);
    await writeFile(join(folder.path, 'gpu.prom'), 'unrelated 1\n');
    const node = await startNodeExporter(folder.path);
    ending.push(node.stop);
    const prometheus = await startPrometheus([
      { port: older.port, instance: '10.0.0.1:9400', job: 'dcgm', labels: { rack: 'r1' } },
      { port: newer.port, instance: 'gpu-02:9400', job: 'dcgm' },
      { port: models.port, instance: '10.0.0.1:8000', job: 'vllm', labels: { node: 'gpu-01' } },
      { port: node.port, instance: 'gpu-02:9100', job: 'node' },
    ]);
    ending.push(prometheus.stop);
    const client = clientFor(prometheus.url);
    // A scrape that is late on a busy computer leaves a gap.
    await vi.waitFor(async () => {
      const { known, found } = await both(client);
      const first = found.hosts.get('gpu-01');
      expect(first).toMatchObject({ driverVersion: '570.86', labels: { rack: 'r1' }, isDown: false });
      expect(
        first?.gpus.map(({ utilPct, memUsedMiB, memTotalMiB }) => [utilPct, memUsedMiB, memTotalMiB]),
      ).toEqual([
        [90, 70_000, 81_559],
        [0, 4, 81_559],
      ]);
      expect(first?.ageMs).toBeLessThan(30_000);
      expect(first?.models).toMatchObject([
        { port: 8000, loads: [{ model: 'org/m', running: 5, waiting: 1, generationTokensTotal: 100 }] },
      ]);
      expect(first?.models[0]?.loads[0]?.kvCachePct).toBeCloseTo(30);
      expect(known.names.has('DCGM_FI_DEV_GPU_UTIL_RATIO')).toBe(true);
      expect(exportersOf(known.names).map(({ kind }) => kind)).toEqual(['dcgm', 'node-exporter', 'vllm']);
      // node_exporter at the same address says what the host is called, as its own kernel does here.
      const other = [...found.hosts.values()].find(({ name }) => name !== 'gpu-01');
      expect(other?.gpus).toMatchObject([
        { utilPct: 50, memTotalMiB: 81_559, name: 'NVIDIA H100 80GB HBM3' },
      ]);
      expect(other?.system?.memTotalMiB).toBeGreaterThan(0);
      expect(other?.system?.cpuCount).toBeGreaterThan(0);
    }, 25_000);
    await expect.poll(async () => (await survey(client, { hostLabel: '' }, never)).scrapeMs).toBe(2000);
  });

  it('says that an exporter does not answer, and of which host', async () => {
    const exporter = await exporterOf(dcgmText('old', [{ util: 1, usedMiB: 4, hostname: 'gpu-01' }]));
    const another = await exporterOf(
      dcgmText('old', [{ util: 1, usedMiB: 4, hostname: 'gpu-02', host: '02' }]),
    );
    const prometheus = await startPrometheus([
      { port: exporter.port, instance: 'gpu-01:9400' },
      { port: another.port, instance: 'gpu-02:9400' },
    ]);
    ending.push(prometheus.stop);
    const client = clientFor(prometheus.url);
    await expect
      .poll(() =>
        both(client).then(
          ({ found }) => found.hosts.size,
          () => 0,
        ),
      )
      .toBe(2);
    const { known } = await both(client);
    exporter.isUp = false;
    await expect
      .poll(async () => (await poll(client, known, never, '')).hosts.get('gpu-01'))
      .toMatchObject({ isDown: true, gpus: [] });
    expect((await poll(client, known, never, '')).hosts.get('gpu-02')).toMatchObject({ isDown: false });
  });

  it('knows how old samples with a time of their own are', async () => {
    const text = dcgmText('old', [{ util: 1, usedMiB: 4, hostname: 'gpu-01' }]);
    const frozen = text.replaceAll(/^(DCGM.*)$/gm, `$1 ${Date.now() - 100_000}`);
    const exporter = await exporterOf(frozen);
    const prometheus = await startPrometheus([{ port: exporter.port, instance: 'gpu-01:9400' }]);
    ending.push(prometheus.stop);
    const client = clientFor(prometheus.url);
    await expect
      .poll(() =>
        both(client).then(
          ({ found }) => found.hosts.get('gpu-01')?.ageMs ?? 0,
          () => 0,
        ),
      )
      .toBeGreaterThan(99_000);
  });

  it('has one line where there is no series of a GPU', async () => {
    const exporter = await exporterOf('something_else 1\n');
    const prometheus = await startPrometheus([{ port: exporter.port }]);
    ending.push(prometheus.stop);
    await expect(survey(clientFor(prometheus.url), { hostLabel: '' }, never)).rejects.toMatchObject({
      code: 'source-empty',
      detail: 'looked for dcgm, nvidia-gpu-exporter, amd, all-smi, node-exporter, vllm',
    });
  });
});

interface Gate {
  readonly url: string;
  /** What it was asked. */
  readonly asked: string[];
  /** What is refused as well: queries that contain this. */
  refuses: string | null;
}

/** Stands before a Prometheus as a busy proxy does: of more than two queries at once it refuses the others. */
async function gateTo(prometheusUrl: string): Promise<Gate> {
  let underWay = 0;
  const server = createServer(async (request, response) => {
    const form = await text(request);
    const query = new URLSearchParams(form).get('query') ?? '';
    gate.asked.push(query);
    if (underWay >= 2 || (gate.refuses !== null && query.includes(gate.refuses))) {
      response.writeHead(503).end();
      return;
    }
    underWay += 1;
    try {
      const type = request.headers['content-type'];
      const answer = await askOnce(`${prometheusUrl}${request.url}`, type, form);
      underWay -= 1;
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    } catch {
      // Of the answers that a test does not wait for, some are cut when its Prometheus ends.
      underWay -= 1;
      response.destroy();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gate: Gate = { url, asked: [], refuses: null };
  return gate;
}

/** Over a connection of its own: one that is kept may be closed in the moment in which it is used again. */
async function askOnce(url: string, type: string | undefined, form: string) {
  const asked = httpRequest(url, { method: 'POST', headers: { 'content-type': type }, agent: false });
  asked.end(form);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 502, body: await buffer(answer) };
}

describe.skipIf(!haveAll('prometheus'))('a fleet of more series than one answer may have', () => {
  it('is read whole in parts, few at once, and without a part that does not come', async () => {
    const names = Array.from({ length: 45 }, (_none, at) => `gpu-${String(at).padStart(2, '0')}`);
    const targets: ScrapeTarget[] = [];
    for (const hostname of names) {
      const gpus = Array.from({ length: 64 }, () => ({
        util: 5,
        usedMiB: 10,
        hostname,
        host: hostname.slice(4),
      }));
      const { port } = await exporterOf(dcgmText('old', gpus));
      targets.push({ port, instance: `${hostname}:9400`, job: 'dcgm' });
    }
    const models = await exporterOf(vllmText);
    targets.push({ port: models.port, instance: 'gpu-00:8000', job: 'vllm' });
    const prometheus = await startPrometheus(targets, [], 5);
    ending.push(prometheus.stop);
    const gate = await gateTo(prometheus.url);
    const client = clientFor(gate.url);
    let known: Survey | null = null;
    await vi.waitFor(
      async () => {
        known = await survey(client, { hostLabel: '' }, never);
        expect(known.series).toBe(45 * 64 * 7);
        expect(known.targets.size).toBe(46);
      },
      { timeout: 20_000, interval: 1000 },
    );
    const seen = known as unknown as Survey;
    expect(seen.matchers.length).toBeGreaterThan(1);
    const whole = await poll(client, seen, never, '');
    expect(whole.partial).toBeNull();
    expect([...whole.hosts.keys()].sort()).toEqual(names);
    for (const { gpus } of whole.hosts.values()) expect(gpus).toHaveLength(64);
    expect(whole.hosts.get('gpu-00')?.models).toHaveLength(1);

    const polls: Poll[] = [];
    let askedForFirst: readonly string[] = [];
    gate.asked.length = 0;
    const loop = createSourceLoop({
      source: newPrometheusSource('one', gate.url),
      secrets: noSecrets,
      stream: () => Promise.reject(new Error('no host is asked')),
      timeoutMs: 10_000,
      groupLabel: () => '',
      leastMs: () => 0,
      onPoll(found) {
        polls.push(found);
        if (polls.length === 1) askedForFirst = [...gate.asked];
      },
      onFailure: (error) => expect.unreachable(String(error)),
    });
    ending.push(loop.stop);
    await loop.pollNow();
    const [first, all, ...more] = polls;
    expect(first?.partial).toBe('the first hosts of many have come');
    expect(first?.hosts.size).toBeGreaterThan(0);
    expect(first?.hosts.size).toBeLessThan(45);
    for (const { gpus } of first?.hosts.values() ?? []) expect(gpus).toHaveLength(64);
    expect([all?.hosts.size, all?.partial, more]).toEqual([45, null, []]);
    // One series of each GPU has been counted until then, and nothing else of all hosts.
    const ofAll = askedForFirst.filter((query) => query.includes('DCGM_FI') && !/instance=~/.test(query));
    expect(ofAll).toEqual([expect.stringMatching(/^count by \(instance\)/)]);
    expect(ofAll[0]).not.toContain('DCGM_FI_DEV_GPU_TEMP');

    gate.refuses = seen.matchers.find((matcher) => matcher.includes('gpu-0')) ?? null;
    const rest = await poll(client, seen, never, '');
    expect(rest.partial).toBe(`1 of ${seen.matchers.length} parts of the answer did not come`);
    expect(rest.hosts.size).toBeGreaterThan(0);
    expect(rest.hosts.size).toBeLessThan(45);
    // It has a model whose series came: a host without GPUs it is not.
    expect(rest.hosts.has('gpu-00')).toBe(false);
    for (const { gpus } of rest.hosts.values()) expect(gpus).toHaveLength(64);

    gate.refuses = 'DCGM_FI_DEV_GPU_TEMP';
    await expect(poll(client, seen, never, '')).rejects.toMatchObject({ code: 'source-busy' });
  }, 60_000);
});

describe.skipIf(!haveAll('victoria-metrics'))('VictoriaMetrics', () => {
  it('answers the same queries', async () => {
    const text = dcgmText('new', [{ util: 25, usedMiB: 1000, hostname: 'gpu-01' }]);
    const exporter = await exporterOf(text.replace(/(XID_ERROR\{.*\}) 0/, '$1 79'));
    const models = await exporterOf(vllmText);
    const victoria = await startVictoriaMetrics([
      { port: exporter.port, instance: 'gpu-01:9400' },
      { port: models.port, instance: 'gpu-01:8000' },
    ]);
    ending.push(victoria.stop);
    const client = clientFor(victoria.url);
    await expect
      .poll(() =>
        both(client).then(
          ({ found }) => found.hosts.get('gpu-01')?.models.length ?? 0,
          () => 0,
        ),
      )
      .toBe(1);
    const { found } = await both(client);
    expect(found.hosts.get('gpu-01')).toMatchObject({
      gpus: [{ utilPct: 25, memUsedMiB: 1000, memTotalMiB: 81_559, problem: 'Xid 79' }],
    });
    expect(found.hosts.get('gpu-01')?.models[0]?.loads[0]).toMatchObject({ running: 5, waiting: 1 });
  });
});
