/** How busy the servers of this computer are: real processes, a real tmux session and a real ssh that forwards. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { localRows } from '#common/local-rows.ts';
import { queueRows } from '#common/select/servers.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { run } from '../../../main/cli/program.ts';
import { engineFor } from '../../support/engine-for.ts';
import { httpServer, list, engine as modelServer, page } from '../../support/model-servers.ts';
import { createTerminal } from '../../support/terminal.ts';
import { programScript, startProgram } from './program.ts';
import { freePorts, programsAvailable, serversAt, startSurroundings } from './surroundings.ts';

async function openEngine(settings: Partial<Settings> = {}): Promise<Engine> {
  const home = await mkdtemp(join(tmpdir(), 'vt-loads-'));
  const env = { ...process.env, TMUX_TMPDIR: home };
  const engine = engineFor(join(home, 'config'), { settings, home, env });
  onTestFinished(async () => {
    await engine.dispose();
    await rm(home, { recursive: true });
  });
  return engine;
}

const busy = { model: 'org/busy', running: 3, waiting: 2, kvCachePct: 25 };
const loadAt = (engine: Engine, port: number) => serversAt(engine, [port])[0]?.loads[0];
/** None of the ports that the system hands out. */
const chosenPort = 21_800;

it('is measured where that is wanted, as a rate from the second time on', async () => {
  const { port, asked } = await startProgram('vllm', chosenPort);
  const engine = await openEngine();
  await engine.lookAround({});
  expect(loadAt(engine, port)).toBeUndefined();
  expect(await asked()).not.toContain('/metrics');
  await engine.lookAround({ loads: true });
  expect(loadAt(engine, port)).toMatchObject({ ...busy, generationTokensPerSecond: null });
  await expect
    .poll(
      async () => {
        await engine.lookAround({ ask: 'nothing', loads: true });
        return loadAt(engine, port)?.generationTokensPerSecond ?? 0;
      },
      { interval: 500 },
    )
    .toBeGreaterThan(0);
  const rows = queueRows(engine.snapshot()).filter(({ localPort }) => localPort === port);
  expect(rows).toMatchObject([{ alias: null, port, model: 'org/busy' }]);
  const [track] = engine.history.read([rows[0]?.trackId ?? '']);
  expect(track?.columns['org/busy waiting']?.at(-1)).toBe(2);
});

it('is in the terminal, and counts as an answer where there is no host', async () => {
  const { port } = await startProgram('vllm', chosenPort);
  const home = await mkdtemp(join(tmpdir(), 'vt-queue-'));
  onTestFinished(() => rm(home, { recursive: true }));
  await writeFile(join(home, 'config'), 'Host nowhere\n  HostName 127.0.0.1\n  Port 1\n');
  const look = async (...args: readonly string[]) => {
    const terminal = createTerminal({ home, env: { TMUX_TMPDIR: home } });
    const line = [
      'vllm-queue-top',
      '--once',
      '--timeout',
      '5',
      '--ssh-config',
      join(home, 'config'),
      ...args,
    ];
    const code = await run(line, terminal.io, '1');
    return { code, out: terminal.out() };
  };
  const { code, out } = await look('--json');
  const rows = JSON.parse(out).servers.filter(({ localPort }: { localPort: number }) => localPort === port);
  expect(rows).toEqual([
    {
      alias: null,
      port,
      localPort: port,
      model: 'org/busy',
      running: 3,
      waiting: 2,
      kvCachePct: 25,
      promptTokensTotal: null,
      generationTokensTotal: expect.any(Number),
      promptTokensPerSecond: null,
      generationTokensPerSecond: expect.any(Number),
    },
  ]);
  expect(code).toBe(0);
  expect((await look()).out).toMatch(new RegExp(`^this computer +${port} +org/busy +3 +2 .*25 %`, 'm'));
  // A pattern for hosts leaves out what is on none.
  const matching = await look('--json', '--host-regex', 'nowhere');
  expect(JSON.parse(matching.out).servers).toEqual([]);
});

it('does not wait for a port whose metrics never come, and goes on while it is watched', async () => {
  const stuck = await startProgram('vllm-stuck', chosenPort);
  const { port } = await startProgram('vllm', chosenPort);
  const engine = await openEngine({
    timeouts: { ...defaultSettings.timeouts, httpMs: 60_000 },
    cadence: { ...defaultSettings.cadence, gpusMs: 1000 },
    welcomed: true,
  });
  engine.begin();
  await expect.poll(() => loadAt(engine, port)?.waiting, { timeout: 20_000 }).toBe(2);
  await expect
    .poll(() => loadAt(engine, port)?.generationTokensPerSecond ?? 0, { timeout: 20_000 })
    .toBeGreaterThan(0);
  expect(loadAt(engine, stuck.port)).toBeUndefined();
  // One request at a time, however often it is due.
  expect((await stuck.asked()).filter((path) => path === '/metrics')).toHaveLength(1);
});

describe.skipIf(!programsAvailable())('beside ssh and tmux', () => {
  it('is that of the host where it is seen over SSH too, as one row, and is not measured twice', async () => {
    const place = await startSurroundings([{ alias: 'lab' }]);
    onTestFinished(() => place.stop());
    const pages = {
      '/v1/models': list({ id: 'org/model', object: 'model', owned_by: 'vllm' }),
      '/version': page({ version: '0.11.0' }),
      '/metrics': {
        body: 'vllm:num_requests_running{model_name="org/model"} 1\n',
        headers: { 'content-type': 'text/plain' },
      },
    };
    const server = modelServer(pages);
    const remote = await httpServer(server.handler);
    const [local = 0] = await freePorts(1);
    const engine = await place.createEngine({ modelPorts: { extra: [remote], skip: [] } });
    const ssh = ['ssh', '-F', place.configPath, '-N', '-L', `${local}:localhost:${remote}`, 'lab'];
    await place.tmux('new-session', '-d', '-s', `vllmctl_lab_${remote}_${local}`, '--', ...ssh);
    await expect
      .poll(
        async () => {
          await engine.lookAround({ loads: true });
          return loadAt(engine, local)?.running;
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    const rows = () =>
      queueRows(engine.snapshot())
        .filter(({ localPort }) => localPort === local)
        .map(({ alias, port, trackId }) => ({ alias, port, trackId }));
    expect(rows()).toEqual([{ alias: 'lab', port: remote, trackId: `:${local}` }]);
    await engine.scan();
    expect(rows()).toEqual([{ alias: 'lab', port: remote, trackId: `lab:${remote}` }]);
    await engine.lookAround({ ask: 'nothing', loads: true });
    expect(loadAt(engine, local)).toBeUndefined();
    expect(rows()).toHaveLength(1);
  });

  it('names the tmux session in which a server was started', async () => {
    const home = await mkdtemp(join(tmpdir(), 'vt-session-'));
    const env = { ...process.env, TMUX_TMPDIR: home };
    const tmux = (...args: readonly string[]) => promisify(execFile)('tmux', args, { env });
    const command = [process.execPath, programScript, 'vllm', String(chosenPort)];
    await tmux('new-session', '-d', '-s', 'my models', '--', 'sh', '-c', `"$@" & wait`, 'sh', ...command);
    const engine = engineFor(join(home, 'config'), { home, env });
    onTestFinished(async () => {
      await engine.dispose();
      await tmux('kill-server');
      await rm(home, { recursive: true });
    });
    const row = async () => {
      await engine.lookAround({ thorough: true });
      return localRows(engine.snapshot()).find(({ session }) => session === 'my models');
    };
    await expect.poll(row, { timeout: 20_000 }).toMatchObject({
      model: 'org/busy',
      origin: 'local',
      server: { owner: { kind: 'process', session: 'my models' } },
    });
  });
});
