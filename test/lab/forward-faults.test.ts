import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import type { Server, Socket } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Forward } from '#common/forwards.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { watchNetwork } from '#engine/network/network.ts';
import { engineFor } from '../support/engine-for.ts';
import { signalAll } from '../support/processes.ts';
import { expectFree, expectModelThrough } from '../support/through.ts';
import { type AppCopy, startCopy } from './app-copy.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { listenIn, namespacesMissing, setLink, swallow } from './namespaces.ts';
import { sshdProcesses } from './sshd-processes.ts';

const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

const settings = {
  ...defaultSettings,
  welcomed: true,
  localPorts: { from: 17_460, to: 17_479 },
  // A host that swallows everything is told after this long at each new connection.
  timeouts: { ...defaultSettings.timeouts, connectMs: 2000 },
};
const dripPort = 7000;

describe.skipIf(missing !== null)('a forward to a real sshd host, through faults', () => {
  let fleet: Fleet;
  let drip: Server;
  let folder: string;
  let engine: Engine;
  let forward: Forward;
  const recoveries: { readonly fault: string; readonly [what: string]: string }[] = [];

  beforeAll(async () => {
    fleet = await startFleet([
      { alias: 'one', gpus: [], models: [{ port: 8000, id: 'org/llama' }] },
      { alias: 'two', gpus: [], models: [{ port: 8000, id: 'org/qwen' }] },
    ]);
    // A reply that never ends, for requests in flight.
    [drip] = (await listenIn(fleet.namespaceOf('one'), [{ host: '127.0.0.1', port: dripPort }])) as [Server];
    drip.on('connection', dripTo);
  });
  afterAll(async () => {
    if (recoveries.length > 0) console.table(recoveries);
    drip?.close();
    await fleet?.stop();
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vt-forward-faults-'));
    engine = await startApp();
    forward = await engine.handlers['forward.open']({ hostId: 'one', remotePort: 8000 });
  });
  afterEach(async () => {
    await engine.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const startApp = async (): Promise<Engine> => {
    const app = engineFor(fleet.sshConfigPath, {
      settings,
      home: homedir(),
      env: process.env,
      dataFolder: folder,
    });
    await app.loadHosts();
    app.begin();
    return app;
  };

  const processesOf = (alias: string) => sshdProcesses(fleet.namespaceOf(alias));
  const signal = (pids: readonly number[], name: NodeJS.Signals): void => {
    expect(pids).not.toEqual([]);
    signalAll(pids, name);
  };

  const current = (app = engine): Forward | undefined =>
    app.snapshot().forwards.find(({ id }) => id === forward.id);
  const untilState = (kind: Forward['state']['kind'], app = engine): Promise<unknown> =>
    vi.waitFor(() => expect(current(app)?.state.kind).toBe(kind), { timeout: 90_000, interval: 20 });
  const url = (path: string): string => `http://127.0.0.1:${forward.localPort}${path}`;

  /** A reply under way through a forward of its own; `failed` resolves when it breaks off. */
  const startRequest = async (): Promise<{ failed: Promise<string> }> => {
    const { localPort } = await engine.handlers['forward.open']({ hostId: 'one', remotePort: dripPort });
    const request = get({ host: '127.0.0.1', port: localPort ?? 0, agent: false });
    const failed = once(request, 'error').then(([error]) => error.code);
    const [response] = await once(request, 'response');
    response.resume();
    await once(response, 'data');
    return { failed };
  };

  /** Brings the fault about, and measures what a user would see who does nothing but ask again. */
  const measure = async (
    fault: string,
    cause: () => Promise<void>,
    mend = async () => undefined as unknown,
  ) => {
    const { failed } = await startRequest();
    const startedAt = performance.now();
    await cause();
    const code = await failed;
    const failedAt = performance.now();
    await mend();
    const mendedAt = performance.now();
    await vi.waitFor(async () => expect((await fetch(url('/v1/models'))).status).toBe(200), {
      timeout: 90_000,
      interval: 20,
    });
    const seconds = (from: number, to: number): string => `${((to - from) / 1000).toFixed(1)} s`;
    recoveries.push({
      fault,
      'request in flight failed after': seconds(startedAt, failedAt),
      with: code,
      'mended after': seconds(startedAt, mendedAt),
      'next request answered after that': seconds(mendedAt, performance.now()),
    });
    expect(code).toBe('ECONNRESET');
    await untilState('listening');
    expect(current()).toMatchObject({ localPort: forward.localPort, lastError: null });
    await vi.waitFor(() => expect(current()?.health).toEqual({ kind: 'answering' }), { timeout: 30_000 });
    await expectModelThrough(url(''), 'org/llama');
  };

  it('comes back when its session is killed', async () => {
    await measure('session killed', async () => {
      signal((await processesOf('one')).sessions, 'SIGKILL');
    });
  });

  it('goes on without the listener, and comes back with it when the session dies, too', async () => {
    signal((await processesOf('one')).listener, 'SIGKILL');
    await expectModelThrough(url(''), 'org/llama');
    await measure(
      'listener and session killed, sshd started again',
      async () => signal((await processesOf('one')).sessions, 'SIGKILL'),
      async () => {
        await untilState('retrying');
        fleet.restartSshd('one');
      },
    );
  });

  it('loses nothing while sshd is stopped for a moment, and comes back when it stays stopped', async () => {
    const { sessions } = await processesOf('one');
    signal(sessions, 'SIGSTOP');
    const late = fetch(url('/v1/models'));
    signal(sessions, 'SIGCONT');
    expect((await late).status).toBe(200);
    const stopped: number[] = [];
    await measure(
      'sshd stopped (SIGSTOP), new sessions as well',
      async () => {
        const { listener, sessions: open } = await processesOf('one');
        stopped.push(...listener, ...open);
        signal(stopped, 'SIGSTOP');
      },
      async () => signal(stopped, 'SIGCONT'),
    );
  });

  it('comes back when its host swallows everything and is there again', async () => {
    await measure(
      'blackhole until the first new connection has failed',
      () => swallow(fleet.namespaceOf('one'), true),
      async () => {
        await untilState('retrying');
        const isTried = () => {
          const state = current()?.state;
          expect(state).toMatchObject({
            failure: { code: expect.stringMatching(/^connection-timeout|^host-un/) },
          });
        };
        await vi.waitFor(isTried, { timeout: 60_000, interval: 20 });
        await swallow(fleet.namespaceOf('one'), false);
      },
    );
  });

  it('is there at once after a sleep in which its connection has died', async () => {
    let sleptMs = 0;
    const watch = watchNetwork({
      onChange: () => void engine.wake(),
      now: () => Date.now() + sleptMs,
      everyMs: 50,
    });
    const { sessions } = await processesOf('one');
    await measure('sleep of an hour, the old connection is dead', async () => {
      // What a gateway does that has forgotten the connection: nothing passes, and nobody is told.
      signal(sessions, 'SIGSTOP');
      sleptMs = 3_600_000;
    });
    watch.close();
    signal(sessions, 'SIGCONT');
  });

  it('has its port again after a restart, with a lower one free, and waits for a host that is away', async () => {
    const second = await engine.handlers['forward.open']({ hostId: 'two', remotePort: 8000 });
    await engine.handlers['forward.close']({ forwardId: forward.id });
    await engine.dispose();
    await setLink(fleet.namespaceOf('two'), 'down');
    engine = await startApp();
    forward = second;
    await untilState('retrying');
    expect(engine.snapshot().forwards).toMatchObject([{ id: 'two:8000', localPort: second.localPort }]);
    await setLink(fleet.namespaceOf('two'), 'up');
    await untilState('listening');
    await expectModelThrough(url(''), 'org/qwen');
  });

  it('streams a chat to the openai client', async () => {
    const client = new OpenAI({ baseURL: url('/v1'), apiKey: 'none', maxRetries: 0 });
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['org/llama']);
    const stream = await client.chat.completions.create({
      model: 'org/llama',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let chunks = 0;
    let tokens = 0;
    for await (const chunk of stream) {
      chunks += 1;
      text += chunk.choices[0]?.delta.content ?? '';
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect(text).toContain('This is the demo cluster');
    expect(chunks).toBeGreaterThan(20);
    expect(tokens).toBeGreaterThan(20);
  });

  it('is told apart from its model: the tunnel is up while nothing listens', async () => {
    const empty = await engine.handlers['forward.open']({ hostId: 'one', remotePort: 9 });
    await vi.waitFor(() =>
      expect(engine.snapshot().forwards.find(({ id }) => id === empty.id)).toMatchObject({
        state: { kind: 'listening' },
        health: { kind: 'model-down', failure: { code: 'target-refused' } },
      }),
    );
    expect(current()?.traffic.totalConnections).toBe(0);
  });

  it('of another copy of the app is not touched, and is there again when that one was killed', async () => {
    await engine.dispose();
    const copies: AppCopy[] = [];
    const start = async (): Promise<AppCopy> => {
      const copy = await startCopy({ sshConfigPath: fleet.sshConfigPath, folder, settings });
      copies.push(copy);
      return copy;
    };
    try {
      const first = await start();
      const opened = await first.open('two', 8000);
      const second = await start();
      expect((await second.forwards()).map(({ id }) => id)).not.toContain('two:8000');
      // The same target again: a forward of its own, on another port.
      const twice = await second.open('two', 8000);
      expect(twice.localPort).not.toBe(opened.localPort);
      await second.closeAll();
      await expectModelThrough(`http://127.0.0.1:${opened.localPort}`, 'org/qwen');
      await first.kill();
      await expectFree(opened.localPort ?? 0);
      const third = await start();
      const restored = (await third.forwards()).find(({ id }) => id === 'two:8000');
      expect(restored).toMatchObject({ localPort: opened.localPort, origin: 'user' });
      await expectModelThrough(`http://127.0.0.1:${opened.localPort}`, 'org/qwen');
      expect(await second.forwards()).toEqual([]);
    } finally {
      for (const copy of copies) await copy.kill();
    }
  });

  it('leaves the forward of a plain ssh alone, and goes round its port', async () => {
    const taken = (forward.localPort ?? 0) + 1;
    const ssh = spawn('ssh', [
      '-F',
      fleet.sshConfigPath,
      '-N',
      '-L',
      `127.0.0.1:${taken}:127.0.0.1:8000`,
      'two',
    ]);
    await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${taken}/v1/models`)).ok).toBe(true), {
      timeout: 20_000,
    });
    const beside = await engine.handlers['forward.open']({ hostId: 'two', remotePort: 8000 });
    expect(beside.localPort).toBe(taken + 1);
    const exactly = engine.handlers['forward.open']({
      hostId: 'one',
      remotePort: dripPort,
      localPort: taken,
    });
    await expect(exactly).rejects.toMatchObject({
      code: 'port-in-use',
      detail: `${taken} is held by ssh (pid ${ssh.pid}); ${taken + 2} is free`,
    });
    await engine.handlers['forward.closeAll']({});
    await expectModelThrough(`http://127.0.0.1:${taken}`, 'org/qwen');
    ssh.kill();
    await once(ssh, 'close');
  });
});

/** Answers like an HTTP server whose reply never comes to an end. */
function dripTo(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.resume();
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n');
  const timer = setInterval(() => socket.write('drip\n'), 50);
  socket.once('close', () => clearInterval(timer));
}
