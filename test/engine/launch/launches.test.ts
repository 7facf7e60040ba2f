/** Launches on a real sshd: a real tmux, a stand-in vllm with a real port, and engines that come and go. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LaunchRequest } from '#common/launch-request.ts';
import { isLive, type Launch, type LaunchFailureKind, type LaunchId } from '#common/launches.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../../support/engine-for.ts';
import { isRunning } from '../../support/is-running.ts';
import { type LaunchHost, quietPort, startLaunchHost } from '../../support/launch-host.ts';
import { httpServer } from '../../support/model-servers.ts';
import { sshdAvailable } from '../../support/ssh/sshd.ts';

const waiting = { timeout: 25_000, interval: 100 };

const request = (part: string, fields: Partial<LaunchRequest> = {}): LaunchRequest => ({
  hostId: 'lab',
  model: `stand-in/${part}`,
  launcher: { kind: 'auto' },
  args: [],
  env: {},
  lifetimeSeconds: null,
  ...fields,
});

describe.skipIf(!sshdAvailable())('launches', { timeout: 180_000 }, () => {
  let host: LaunchHost;
  beforeAll(async () => {
    host = await startLaunchHost();
  });
  afterEach(async () => {
    writeFileSync(join(host.home, 'busy'), '');
    const engine = await openEngine();
    await engine.handlers['launch.refresh']({ hostIds: ['lab'] });
    for (const { id } of engine.snapshot().launches.filter(isLive))
      await engine.handlers['launch.stop']({ launchId: id });
    await engine.dispose();
    const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
    expect(stdout.split('\n').filter((line) => line.includes(host.home) && /keeper|vllm/.test(line))).toEqual(
      [],
    );
  });
  afterAll(() => host?.stop());

  const openEngine = async (): Promise<Engine> => {
    const engine = engineFor(host.configPath, { home: host.sshd.dir });
    onTestFinished(() => engine.dispose());
    await engine.loadHosts();
    return engine;
  };
  const begin = async (engine: Engine, wanted: LaunchRequest): Promise<LaunchId> => {
    const plan = await engine.handlers['launch.plan'](wanted);
    return await engine.handlers['launch.start']({ planId: plan.id });
  };
  const launchIn = (engine: Engine, id: LaunchId): Launch | undefined =>
    engine.snapshot().launches.find((launch) => launch.id === id);
  const untilStage = (engine: Engine, id: LaunchId, kind: Launch['stage']['kind']) =>
    vi.waitFor(
      () => expect(launchIn(engine, id)?.stage.kind, launchIn(engine, id)?.lastLine).toBe(kind),
      waiting,
    );

  it('go through every stage to a forward, in a session of their own, limited to the GPUs by UUID', async () => {
    const port = await quietPort();
    const engine = await openEngine();
    const plan = await engine.handlers['launch.plan'](
      request('steps', {
        remotePort: port,
        gpus: { kind: 'indices', indices: [2, 3] },
        args: ['--max-model-len', "it's $(x)"],
      }),
    );
    expect(plan).toMatchObject({
      hostId: 'lab',
      name: `vllmctl_server_${port}`,
      launcher: 'plain',
      gpus: ['GPU-2', 'GPU-3'],
    });
    expect(plan.command).toContain(
      `exec env CUDA_VISIBLE_DEVICES=GPU-2,GPU-3 vllm serve stand-in/steps --port ${port} --host 127.0.0.1 --max-model-len `,
    );
    const id = await engine.handlers['launch.start']({ planId: plan.id });
    await expect(engine.handlers['launch.start']({ planId: plan.id })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await host.tmux('list-sessions', '-F', '#S')).toContain(`vllmctl_server_${port}\n`);
    for (const stage of ['environment', 'download', 'load', 'compile'] as const) {
      writeFileSync(join(host.home, `go-${stage}`), '');
      await untilStage(engine, id, stage);
    }
    expect(engine.snapshot().forwards).toEqual([]);
    writeFileSync(join(host.home, 'go-ready'), '');
    await untilStage(engine, id, 'ready');
    await vi.waitFor(() => expect(engine.snapshot().forwards[0]?.state.kind).toBe('listening'), waiting);
    const [forward] = engine.snapshot().forwards;
    const answer = await fetch(`http://127.0.0.1:${forward?.localPort}/v1/models`);
    expect(await answer.json()).toMatchObject({ data: [{ id: 'stand-in/steps' }] });
    expect(JSON.parse(readFileSync(join(host.home, `seen-${port}.json`), 'utf8'))).toEqual({
      args: [
        '--port',
        String(port),
        '--host',
        '127.0.0.1',
        '--max-model-len',
        "it's $(x)",
        '--tensor-parallel-size',
        '2',
      ],
      cuda: 'GPU-2,GPU-3',
    });
    const folder = join(host.home, '.cache/vllm-tray/launches', hostname(), plan.name);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of ['meta.json', 'log', 'line'])
      expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600);
    const { text, next } = await engine.handlers['launch.log']({ launchId: id, after: 0 });
    expect(text).toContain('Application startup complete');
    expect(await engine.handlers['launch.log']({ launchId: id, after: next })).toEqual({ text: '', next });
  });

  it.each<[string, LaunchFailureKind]>([
    ['memory', 'out-of-memory'],
    ['gated', 'no-access'],
    ['disk', 'no-disk'],
    ['heads', 'uneven-split'],
    ['driver', 'old-driver'],
    ['killed', 'killed'],
  ])('that fail by %s say why', async (part, kind) => {
    const engine = await openEngine();
    const id = await begin(engine, request(part, { remotePort: await quietPort() }));
    await untilStage(engine, id, 'failed');
    expect(launchIn(engine, id)?.stage).toMatchObject({
      failure: { kind, line: expect.stringMatching(/\S/) },
    });
  });

  it('do not begin where the GPU tool does not say which GPUs others use', async () => {
    const engine = await openEngine();
    const plan = await engine.handlers['launch.plan'](request('ready', { remotePort: await quietPort() }));
    writeFileSync(join(host.home, 'smi-fails'), '');
    onTestFinished(() => rmSync(join(host.home, 'smi-fails')));
    await expect(engine.handlers['launch.start']({ planId: plan.id })).rejects.toMatchObject({
      code: 'launch-refused',
      detail: 'nvidia-smi does not say which GPUs are in use',
    });
  });

  it('are found by an engine that starts later, or that saw the host go, unasked', async () => {
    const first = await openEngine();
    const id = await begin(first, request('ready', { remotePort: await quietPort() }));
    await first.dispose();
    const engine = engineFor(host.configPath, { home: host.sshd.dir, settings: { welcomed: true } });
    onTestFinished(() => engine.dispose());
    await engine.loadHosts();
    engine.begin();
    await untilStage(engine, id, 'ready');
  });

  it('start from a profile of the settings, as it was saved', async () => {
    const profile = {
      id: 'p1',
      name: 'mine',
      request: { ...request('ready', { remotePort: await quietPort() }), args: ['--max-model-len', '8192'] },
    };
    const engine = engineFor(host.configPath, {
      home: host.sshd.dir,
      settings: { launchProfiles: [profile] },
    });
    onTestFinished(() => engine.dispose());
    await engine.loadHosts();
    await expect(engine.handlers['launch.startProfile']({ profileId: 'p2' })).rejects.toMatchObject({
      code: 'not-found',
    });
    const id = await engine.handlers['launch.startProfile']({ profileId: 'p1' });
    await untilStage(engine, id, 'ready');
    expect(launchIn(engine, id)?.command).toContain('--max-model-len 8192');
  });

  it('have a log that is cut before it fills the disk', async () => {
    const engine = await openEngine();
    const id = await begin(engine, request('loud', { remotePort: await quietPort() }));
    await untilStage(engine, id, 'ready');
    const log = join(host.home, '.cache/vllm-tray/launches', hostname(), id.replace('lab/', ''), 'log');
    await vi.waitFor(() => expect(statSync(log).size).toBeLessThan(5_000_000), waiting);
    expect(readFileSync(log, 'utf8')).toContain('Application startup complete');
    const { text } = await engine.handlers['launch.log']({ launchId: id, after: 0 });
    expect(text).toContain('Application startup complete');
  });

  it('say that the environment is missing, or that the port was taken between look and start', async () => {
    const engine = await openEngine();
    const venv = await begin(
      engine,
      request('ready', { remotePort: await quietPort(), launcher: { kind: 'venv', folder: '~/none' } }),
    );
    await untilStage(engine, venv, 'failed');
    expect(launchIn(engine, venv)?.stage).toMatchObject({ failure: { kind: 'no-environment' } });
    const port = await quietPort();
    const late = await begin(engine, request('steps-of-others', { remotePort: port, name: 'late' }));
    await untilStage(engine, late, 'ready');
    const taken = await httpServer((_request, response) => void response.end());
    await expect(begin(engine, request('ready', { remotePort: taken, name: 'other' }))).rejects.toThrow(
      'the port is taken',
    );
    await expect(begin(engine, request('ready', { remotePort: port, name: 'other' }))).rejects.toThrow(
      'the port is taken',
    );
    await expect(
      begin(engine, request('ready', { remotePort: await quietPort(), name: 'late' })),
    ).rejects.toThrow('of this name');
  });

  it('fail when another program takes the port while the model loads', async () => {
    const engine = await openEngine();
    const port = await quietPort();
    const id = await begin(engine, request('late', { remotePort: port }));
    const other = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    writeFileSync(join(host.home, 'go-late'), '');
    await untilStage(engine, id, 'failed');
    expect(launchIn(engine, id)?.stage).toMatchObject({ failure: { kind: 'port-taken' } });
  });

  it('take vllm_env of conda where the host has it, and name it', async () => {
    const conda = join(host.home, 'miniconda3');
    onTestFinished(() => rmSync(conda, { recursive: true }));
    mkdirSync(join(conda, 'envs/vllm_env'), { recursive: true });
    mkdirSync(join(conda, 'etc/profile.d'), { recursive: true });
    writeFileSync(join(conda, 'etc/profile.d/conda.sh'), 'conda() { echo "conda $*"; }\n');
    const engine = await openEngine();
    const plan = await engine.handlers['launch.plan'](request('ready', { remotePort: await quietPort() }));
    expect(plan).toMatchObject({
      launcher: 'conda',
      command: expect.stringMatching(/^\. \S+conda\.sh && conda activate vllm_env && exec env /),
    });
    const id = await engine.handlers['launch.start']({ planId: plan.id });
    await untilStage(engine, id, 'ready');
    const { text } = await engine.handlers['launch.log']({ launchId: id, after: 0 });
    expect(text).toContain('conda activate vllm_env\n');
    await engine.handlers['launch.stop']({ launchId: id });
  });

  it('take only free GPUs, looked at again right before the start', async () => {
    const engine = await openEngine();
    writeFileSync(join(host.home, 'busy'), 'GPU-0\nGPU-1\n');
    const wanted = (count: number) => request('ready', { gpus: { kind: 'count', count, minGiB: 40 } });
    await expect(engine.handlers['launch.plan'](wanted(3))).rejects.toMatchObject({ code: 'gpus-busy' });
    const plan = await engine.handlers['launch.plan'](wanted(2));
    expect(plan.gpus).toEqual(['GPU-2', 'GPU-3']);
    writeFileSync(join(host.home, 'busy'), 'GPU-3\n');
    await expect(engine.handlers['launch.start']({ planId: plan.id })).rejects.toThrow('GPU-3 is in use');
    expect(
      existsSync(join(host.home, '.cache/vllm-tray/launches', hostname(), plan.name, 'server.pid')),
    ).toBe(false);
  });

  it('of two that want the same GPUs at once, one is refused', async () => {
    const engines = await Promise.all([openEngine(), openEngine()]);
    const plans = await Promise.all(
      engines.map(async (engine, at) =>
        engine.handlers['launch.plan'](
          request('ready', {
            remotePort: await quietPort(),
            name: `twin-${at}`,
            gpus: { kind: 'indices', indices: [1] },
          }),
        ),
      ),
    );
    const outcomes = await Promise.allSettled(
      engines.map(async (engine, at) => engine.handlers['launch.start']({ planId: plans[at]?.id ?? '' })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'gpus-busy', detail: 'GPU-1 is in use' });
  });

  it('go on while the connection is cut and the engine is gone, and are found by another one in their stage', async () => {
    for (const stage of ['environment', 'download', 'load', 'compile', 'ready'])
      await promisify(execFile)('rm', ['-f', join(host.home, `go-${stage}`)]);
    const first = await openEngine();
    const id = await begin(first, request('steps', { remotePort: await quietPort() }));
    for (const stage of ['environment', 'download', 'load', 'compile', 'ready'] as const) {
      await host.sshd.killSessions();
      writeFileSync(join(host.home, `go-${stage}`), '');
      await untilStage(first, id, stage);
      const second = await openEngine();
      await second.handlers['launch.refresh']({ hostIds: ['lab'] });
      expect(launchIn(second, id)).toMatchObject({ model: 'stand-in/steps', stage: { kind: stage } });
      await second.dispose();
    }
  });

  it('end when their lifetime is over and no app runs; another one is extended', async () => {
    const engine = await openEngine();
    const short = await begin(
      engine,
      request('ready', { remotePort: await quietPort(), lifetimeSeconds: 2 }),
    );
    const long = await begin(
      engine,
      request('ready', { remotePort: await quietPort(), lifetimeSeconds: 600 }),
    );
    const endless = await begin(engine, request('ready', { remotePort: await quietPort() }));
    const before = launchIn(engine, long)?.endsAt ?? 0;
    await engine.handlers['launch.extend']({ launchId: long, seconds: 3600 });
    expect(Math.abs((launchIn(engine, long)?.endsAt ?? 0) - before - 3_600_000)).toBeLessThan(3000);
    await expect(engine.handlers['launch.extend']({ launchId: endless, seconds: 1 })).rejects.toThrow(
      'no end',
    );
    await engine.dispose();
    const name = short.split('/')[1] ?? '';
    await vi.waitFor(
      async () => expect(await host.tmux('list-sessions', '-F', '#S')).not.toContain(`${name}\n`),
      waiting,
    );
    const later = await openEngine();
    await later.handlers['launch.refresh']({ hostIds: ['lab'] });
    expect(launchIn(later, short)?.stage).toEqual({ kind: 'stopped', why: 'lifetime' });
    expect(launchIn(later, long)?.stage.kind).not.toBe('stopped');
  });

  it('are stopped for good, also where TERM is ignored, and nothing else is ever stopped', async () => {
    const engine = await openEngine();
    const id = await begin(engine, request('stubborn', { remotePort: await quietPort() }));
    await untilStage(engine, id, 'ready');
    const pids: readonly number[] = JSON.parse(readFileSync(join(host.home, 'stubborn.json'), 'utf8'));
    await engine.handlers['launch.stop']({ launchId: id });
    expect(launchIn(engine, id)?.stage).toEqual({ kind: 'stopped', why: 'asked' });
    for (const pid of pids) await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false), waiting);
    await expect(engine.handlers['launch.stop']({ launchId: id })).rejects.toMatchObject({
      code: 'not-found',
    });
    await host.tmux('new-session', '-d', '-s', 'somebodys', 'sleep 600');
    await engine.handlers['launch.refresh']({ hostIds: ['lab'] });
    expect(launchIn(engine, 'lab/somebodys')).toBeUndefined();
    await expect(engine.handlers['launch.stop']({ launchId: 'lab/somebodys' })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await host.tmux('list-sessions', '-F', '#S')).toContain('somebodys\n');
  });

  it('of vllmctl are found by their session, and stopped with all that runs in it', async () => {
    const port = await quietPort();
    await host.tmux(
      'new-session',
      '-d',
      '-s',
      `vllmctl_server_${port}`,
      `/bin/sh -c "echo hello; '${host.home}/bin/vllm' serve stand-in/ready --port ${port}; :"`,
    );
    const engine = await openEngine();
    await vi.waitFor(async () => {
      await engine.handlers['launch.refresh']({ hostIds: ['lab'] });
      expect(launchIn(engine, `lab/vllmctl_server_${port}`)).toMatchObject({
        model: null,
        remotePort: port,
        stage: { kind: 'ready' },
      });
    }, waiting);
    const launchId = `lab/vllmctl_server_${port}`;
    const { text, next } = await engine.handlers['launch.log']({ launchId, after: 0 });
    expect(text).toMatch(/^hello\n/);
    expect(await engine.handlers['launch.log']({ launchId, after: next })).toEqual({ text: '', next });
    await engine.handlers['launch.stop']({ launchId });
    expect(await host.tmux('list-sessions', '-F', '#S')).not.toContain(`vllmctl_server_${port}\n`);
    await expect(fetch(`http://127.0.0.1:${port}/v1/models`)).rejects.toThrow();
  });

  it('refuse secrets in arguments, and a port among them', async () => {
    const engine = await openEngine();
    for (const fields of [
      { args: ['--api-key', 'x'] },
      { args: ['--api-key=x'] },
      { env: { HF_TOKEN: 'x' } },
    ])
      await expect(engine.handlers['launch.plan'](request('ready', fields))).rejects.toThrow(
        'would be seen by others',
      );
    await expect(engine.handlers['launch.plan'](request('ready', { args: ['--port=1'] }))).rejects.toThrow(
      '--remote-port',
    );
  });
});

describe.skipIf(!sshdAvailable())('a launch on a host without tmux', { timeout: 90_000 }, () => {
  it('runs without a session, and is stopped', async () => {
    const host = await startLaunchHost({ tmux: false });
    onTestFinished(() => host.stop());
    const engine = engineFor(host.configPath, { home: host.sshd.dir });
    onTestFinished(() => engine.dispose());
    await engine.loadHosts();
    const plan = await engine.handlers['launch.plan'](request('ready', { remotePort: await quietPort() }));
    const id = await engine.handlers['launch.start']({ planId: plan.id });
    await vi.waitFor(() => expect(engine.snapshot().launches[0]?.stage.kind).toBe('ready'), waiting);
    await engine.dispose();
    await host.sshd.killSessions();
    const later = engineFor(host.configPath, { home: host.sshd.dir });
    onTestFinished(() => later.dispose());
    await later.loadHosts();
    await later.handlers['launch.refresh']({ hostIds: ['lab'] });
    expect(later.snapshot().launches[0]?.stage.kind).toBe('ready');
    await later.handlers['launch.stop']({ launchId: id });
    expect(later.snapshot().launches[0]?.stage).toEqual({ kind: 'stopped', why: 'asked' });
  });
});
