/** What goes wrong with a real Prometheus and around it: one line says it, nothing is lost, and rows of SSH stay as they are. */

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { asOf } from '#common/freshness.ts';
import type { Host } from '#common/hosts.ts';
import { newPrometheusSource } from '#common/prometheus.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../../../support/engine-for.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import {
  dcgmText,
  type Exporter,
  haveAll,
  type ScrapeTarget,
  startExporter,
  startPrometheus,
  startPushgateway,
} from '../../../support/prometheus.ts';
import { type Sshd, sshdAvailable, startSshd, writeSshConfig } from '../../../support/ssh/sshd.ts';
import { standIns, twoGpus } from '../../../support/stand-ins.ts';

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function exporterOf(hostname: string, host: string): Promise<Exporter> {
  const exporter = await startExporter(dcgmText('old', [{ util: 5, usedMiB: 4, hostname, host }]));
  ending.push(exporter.stop);
  return exporter;
}

async function prometheusOf(...targets: readonly ScrapeTarget[]): Promise<{ url: string; port: number }> {
  const prometheus = await startPrometheus(targets);
  ending.push(prometheus.stop);
  return prometheus;
}

/** A real sshd with two GPUs, and an engine that has it as `lab` beside this Prometheus. */
async function engineBeside(
  urlOf: (sshd: Sshd) => string,
  options: Parameters<typeof startSshd>[0] = {},
): Promise<{ engine: Engine; sshd: Sshd }> {
  const env = { PATH: standIns({ 'nvidia-smi': twoGpus }).env.PATH ?? '' };
  const sshd = await startSshd({ env, ...options });
  ending.push(sshd.stop);
  const folder = await temporaryFolder();
  ending.push(folder.remove);
  const config = await writeSshConfig(folder.path, [{ alias: 'lab', options: sshd.hostOptions() }]);
  const settings = { prometheus: [newPrometheusSource('one', urlOf(sshd))], welcomed: true };
  const engine = engineFor(config, { settings, remotePorts: [] });
  ending.push(() => engine.dispose());
  await engine.loadHosts();
  return { engine, sshd };
}

const shown = (engine: Engine): readonly Host[] => asOf(engine.snapshot(), Date.now()).hosts;
const shownOf = (engine: Engine, alias: string): Host | undefined =>
  shown(engine).find((host) => host.alias === alias);
const states = (engine: Engine) => shown(engine).map(({ alias, state }) => [alias, state.kind]);
const sourceState = (engine: Engine) => engine.snapshot().prometheus[0]?.state;
const scanUntil = (engine: Engine, expectation: () => void) =>
  vi.waitFor(
    async () => {
      await engine.scan();
      expectation();
    },
    { timeout: 40_000, interval: 500 },
  );
const untouched = (engine: Engine) =>
  expect(shownOf(engine, 'lab')).toMatchObject({
    source: { kind: 'ssh' },
    state: { kind: 'up' },
    gpus: [{ uuid: 'GPU-a', utilPct: 97 }, { uuid: 'GPU-b' }],
  });
const hasSsh = sshdAvailable();

describe.skipIf(!haveAll('prometheus', 'prometheus-pushgateway') || !hasSsh)('a Pushgateway', () => {
  it('holds the GPUs of a host that pushes no more, which are stale and not taken for idle', async () => {
    const gateway = await startPushgateway();
    ending.push(gateway.stop);
    const push = (host: string, util: number) =>
      gateway.push(`${host}:9400`, dcgmText('old', [{ util, usedMiB: 4, hostname: host, host }]));
    await push('gpu-01', 0);
    await push('gpu-02', 0);
    await push('lab', 50);
    const prometheus = await prometheusOf({ port: gateway.port, job: 'pushed', honorLabels: true });
    const { engine } = await engineBeside(() => prometheus.url);
    await scanUntil(engine, () =>
      expect(states(engine)).toEqual([
        ['lab', 'up'],
        ['gpu-01', 'up'],
        ['gpu-02', 'up'],
      ]),
    );
    await vi.waitFor(
      async () => {
        await push('gpu-02', 0);
        await engine.scan();
        expect(shownOf(engine, 'gpu-01')?.state).toMatchObject({
          kind: 'stale',
          failure: { code: 'samples-stale', detail: 'gpu-01:9400' },
        });
      },
      { timeout: 60_000, interval: 1000 },
    );
    expect(shownOf(engine, 'gpu-01')?.gpus).toMatchObject([{ utilPct: null, memTotalMiB: 81_559 }]);
    expect(shownOf(engine, 'gpu-02')?.state.kind).toBe('up');
    untouched(engine);
    await push('gpu-01', 77);
    await scanUntil(engine, () =>
      expect(shownOf(engine, 'gpu-01')).toMatchObject({ state: { kind: 'up' }, gpus: [{ utilPct: 77 }] }),
    );
  });

  it('whose own labels stand before those of what is pushed is no host, and all of its hosts are there', async () => {
    const gateway = await startPushgateway();
    ending.push(gateway.stop);
    // Only the instance says which host it is, and both have a GPU 0.
    const push = (host: string, util: number) =>
      gateway.push(`${host}:9400`, dcgmText('old', [{ util, usedMiB: 4, host: host.slice(-1) }]));
    await push('gpu-01', 11);
    await push('gpu-02', 22);
    const exporter = await exporterOf('gpu-03', '03');
    const prometheus = await prometheusOf(
      { port: gateway.port, job: 'gateway' },
      { port: exporter.port, instance: 'gpu-03:9400' },
    );
    const { engine } = await engineBeside(() => prometheus.url);
    const used = () =>
      shown(engine).map(({ alias, state, gpus }) => [alias, state.kind, gpus.map(({ utilPct }) => utilPct)]);
    await scanUntil(engine, () =>
      expect(used().slice(1)).toEqual([
        ['gpu-01', 'up', [11]],
        ['gpu-02', 'up', [22]],
        ['gpu-03', 'up', [5]],
      ]),
    );
    await vi.waitFor(
      async () => {
        await push('gpu-02', 33);
        await engine.scan();
        expect(used().slice(1)).toEqual([
          ['gpu-01', 'stale', [null]],
          ['gpu-02', 'up', [33]],
          ['gpu-03', 'up', [5]],
        ]);
      },
      { timeout: 60_000, interval: 1000 },
    );
    await gateway.stop();
    await scanUntil(engine, () =>
      expect(shown(engine).slice(1)).toMatchObject([
        { alias: 'gpu-01', state: { kind: 'stale', failure: { code: 'exporter-down' } } },
        { alias: 'gpu-02', state: { kind: 'stale', failure: { code: 'exporter-down' } } },
        { alias: 'gpu-03', state: { kind: 'up' } },
      ]),
    );
    expect(shown(engine)).toHaveLength(4);
    untouched(engine);
  });
});

/** Stands before a server, and shifts every time that it says, as a wrong clock there does. */
async function withClock(url: string, byS: number): Promise<string> {
  const ask = async (request: IncomingMessage): Promise<{ status: number; body: string }> => {
    const form = await text(request);
    const answer = await fetch(`${url}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      ...(form !== '' && { body: form }),
    });
    const shifted = (_all: string, seconds: string, part = '') => `${Number(seconds) + byS}${part}`;
    return {
      status: answer.status,
      body: (await answer.text()).replaceAll(/\b(1[6-9]\d{8}|2[01]\d{8})(\.\d+)?\b/g, shifted),
    };
  };
  const server = createServer(async (request, response) => {
    const { status, body } = await ask(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.skipIf(!haveAll('prometheus') || !hasSsh)('a server whose clock is wrong', () => {
  it.each([600, -600])('by %d s is found by its test, and old values are old all the same', async (byS) => {
    const exporter = await exporterOf('gpu-01', '01');
    const prometheus = await prometheusOf({ port: exporter.port, instance: 'gpu-01:9400' });
    const url = await withClock(prometheus.url, byS);
    const { engine } = await engineBeside(() => url);
    await scanUntil(engine, () => expect(states(engine)).toContainEqual(['gpu-01', 'up']));
    const measuredAt = shownOf(engine, 'gpu-01')?.measuredAt ?? 0;
    expect(Math.abs(Date.now() - measuredAt)).toBeLessThan(300_000);
    const test = { source: newPrometheusSource('two', url), login: null, header: null };
    const { clockDifferenceMs } = await engine.handlers['source.test'](test);
    expect(Math.abs(clockDifferenceMs - byS * 1000)).toBeLessThan(300_000);
    exporter.text = exporter.text.replaceAll(/^(DCGM.*)$/gm, `$1 ${Date.now()}`);
    await scanUntil(engine, () =>
      expect(shownOf(engine, 'gpu-01')?.state).toMatchObject({
        kind: 'stale',
        failure: { code: 'samples-stale' },
      }),
    );
    untouched(engine);
  });
});

describe.skipIf(!haveAll('prometheus') || !hasSsh)('a Prometheus at a port of an SSH host', () => {
  it('is asked over its connection, says what is wrong with that, and comes back with it', async () => {
    const exporter = await exporterOf('gpu-01', '01');
    const prometheus = await prometheusOf({ port: exporter.port, instance: 'gpu-01:9400' });
    const { engine, sshd } = await engineBeside(() => `ssh://lab:${prometheus.port}`);
    await scanUntil(engine, () =>
      expect(states(engine)).toEqual([
        ['lab', 'up'],
        ['gpu-01', 'up'],
      ]),
    );
    await sshd.killSessions();
    await scanUntil(engine, () => expect(sourceState(engine)).toEqual({ kind: 'up' }));
    untouched(engine);
    await sshd.crash();
    await scanUntil(engine, () =>
      expect(sourceState(engine)).toMatchObject({
        kind: 'failed',
        failure: { code: 'connection-refused', detail: expect.stringContaining('ECONNREFUSED') },
      }),
    );
    expect(shown(engine).map(({ alias }) => alias)).toEqual(['lab', 'gpu-01']);
  });

  it.each([
    ['nothing listens there', () => 'ssh://lab:1', {}, 'target-refused'],
    [
      'the host lets no forward through',
      () => 'ssh://lab:9090',
      { config: ['AllowTcpForwarding no'] },
      'forwarding-prohibited',
    ],
    ['what listens is not HTTP', ({ port }: Sshd) => `ssh://lab:${port}`, {}, 'source-not-prometheus'],
  ] as const)('says in one line that %s', async (_why, urlOf, options, code) => {
    const { engine } = await engineBeside(urlOf, options);
    await engine.scan();
    const state = sourceState(engine);
    expect(state).toMatchObject({ kind: 'failed', failure: { code } });
    expect(state?.kind === 'failed' && state.failure.detail).not.toMatch(/\n/);
    untouched(engine);
  });
});
