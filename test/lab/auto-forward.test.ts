import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AutoForwardStatus } from '#common/forwards.ts';
import { defaultSettings, type Settings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../support/engine-for.ts';
import { expectFree, expectModelThrough } from '../support/through.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { listenIn, namespacesMissing } from './namespaces.ts';

const run = promisify(execFile);
const missing = namespacesMissing();
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

const localPorts = { from: 17_480, to: 17_489 };
const rules: Settings['autoForward'] = { ...defaultSettings.autoForward, enabled: true, graceMs: 1500 };

describe.skipIf(missing !== null)('auto-forward on real sshd hosts', () => {
  let fleet: Fleet;
  let folder: string;
  let engine: Engine;
  const children: ChildProcess[] = [];
  const servers: { close(): void }[] = [];

  beforeAll(async () => {
    fleet = await startFleet([
      { alias: 'one', gpus: [], models: [{ port: 8000, id: 'org/llama' }] },
      { alias: 'two', gpus: [], models: [{ port: 8000, id: 'org/qwen' }] },
      { alias: 'passing', gpus: [] },
    ]);
    // Another name and another user's key for the same host.
    const { address } = fleet.namespaceOf('one');
    await appendFile(
      fleet.sshConfigPath,
      `\nHost twin\n  HostName ${address}\n  User root\n  IdentityFile ${join(fleet.directory, 'id')}\n` +
        `  IdentityAgent none\n  UserKnownHostsFile ${join(fleet.directory, 'known_hosts')}\n`,
    );
  });
  afterAll(() => fleet?.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vt-auto-'));
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) server.close();
    await engine?.dispose();
    for (const child of children.splice(0)) {
      child.kill();
      await once(child, 'close');
    }
    await rm(folder, { recursive: true, force: true });
  });

  const begin = async (
    autoForward: Partial<Settings['autoForward']> = {},
    env = process.env,
  ): Promise<void> => {
    engine = engineFor(fleet.sshConfigPath, {
      source: { kind: 'ssh-config', path: fleet.sshConfigPath, configFile: fleet.sshConfigPath },
      settings: {
        welcomed: true,
        localPorts,
        autoForward: { ...rules, ...autoForward },
        cadence: { ...defaultSettings.cadence, gpusMs: 1000, portsMs: 1000 },
      },
      home: homedir(),
      env,
      dataFolder: folder,
    });
    await engine.loadHosts();
    engine.begin();
  };
  const change = (autoForward: Partial<Settings['autoForward']>) =>
    engine.handlers['settings.update']({ change: { autoForward: { ...rules, ...autoForward } } });

  const statuses = (): Readonly<Record<string, AutoForwardStatus>> =>
    Object.fromEntries(engine.snapshot().autoForwards.map(({ serverId, status }) => [serverId, status]));
  const until = (expected: Readonly<Record<string, AutoForwardStatus>>): Promise<void> =>
    vi.waitFor(() => expect(statuses()).toMatchObject(expected), { timeout: 30_000, interval: 50 });
  const localPortOf = (serverId: string): number =>
    engine.snapshot().autoForwards.find((entry) => entry.serverId === serverId)?.localPort ?? 0;

  /** A model server on a host, which can be ended. */
  const serveModel = async (alias: string, port: number, id: string): Promise<{ close(): void }> => {
    const http = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ object: 'list', data: [{ id, object: 'model', owned_by: 'vllm' }] }));
    });
    const [server] = (await listenIn(fleet.namespaceOf(alias), [{ host: '127.0.0.1', port }])) as [Server];
    server.on('connection', (socket) => http.emit('connection', socket));
    const served = {
      close() {
        server.close();
        http.closeAllConnections();
      },
    };
    servers.push(served);
    return served;
  };

  it('opens one forward for each target, whatever it is called, and leaves what others have to them', async () => {
    const taken = localPorts.from;
    const args = ['-F', fleet.sshConfigPath, '-N', '-L', `127.0.0.1:${taken}:127.0.0.1:8000`, 'two'];
    children.push(spawn('ssh', args, { stdio: 'ignore' }));
    await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${taken}/v1/models`)).ok).toBe(true), {
      timeout: 20_000,
    });
    await begin();
    await until({
      'one:8000': 'forwarded',
      'two:8000': 'duplicate-session',
      'twin:8000': 'already-forwarded',
    });
    expect(localPortOf('two:8000')).toBe(taken);
    expect(localPortOf('twin:8000')).toBe(localPortOf('one:8000'));
    expect(engine.snapshot().forwards).toMatchObject([{ id: 'one:8000', origin: 'auto' }]);
    await expectModelThrough(`http://127.0.0.1:${localPortOf('one:8000')}`, 'org/llama');
    await change({ enabled: false });
    await vi.waitFor(() => expect(engine.snapshot().autoForwards).toEqual([]));
    // What is used is not cut off because the rules are switched off.
    expect(engine.snapshot().forwards).toHaveLength(1);
  });

  it('closes a forward when its model has been gone for the time of grace, and opens it again at the same port', async () => {
    const model = await serveModel('passing', 8000, 'org/passing');
    await begin();
    await until({ 'passing:8000': 'forwarded' });
    const port = localPortOf('passing:8000');
    model.close();
    await until({ 'passing:8000': 'waiting-to-close' });
    expect(engine.snapshot().forwards.map(({ id }) => id)).toContain('passing:8000');
    await until({ 'passing:8000': 'closed-model-gone' });
    expect(engine.snapshot().forwards.map(({ id }) => id)).not.toContain('passing:8000');
    await expectFree(port);
    await serveModel('passing', 8000, 'org/passing');
    await until({ 'passing:8000': 'forwarded' });
    expect(localPortOf('passing:8000')).toBe(port);
  });

  it('keeps a forward whose model is gone where it is told to', async () => {
    const model = await serveModel('passing', 8001, 'org/kept');
    await begin({ keepGone: true, graceMs: 0 });
    await until({ 'passing:8001': 'forwarded' });
    model.close();
    await until({ 'passing:8001': 'kept' });
    expect(engine.snapshot().forwards.map(({ id }) => id)).toContain('passing:8001');
  });

  it('follows its lists when they change, and leaves what a person has opened or closed', async () => {
    await begin({ denyHosts: ['two', 'twin'] });
    await until({ 'one:8000': 'forwarded', 'two:8000': 'not-allowed' });
    await engine.handlers['forward.open']({ hostId: 'two', remotePort: 8000 });
    await until({ 'two:8000': 'already-forwarded' });
    await change({ denyModels: ['ORG/*'] });
    await until({ 'one:8000': 'not-allowed', 'two:8000': 'already-forwarded' });
    expect(engine.snapshot().forwards).toMatchObject([{ id: 'two:8000', origin: 'user' }]);
    await change({ denyHosts: ['twin'] });
    await until({ 'one:8000': 'forwarded' });
    await engine.handlers['forward.close']({ forwardId: 'one:8000' });
    await until({ 'one:8000': 'not-allowed' });
  });

  it('is there again after a restart where the model still answers, at the same ports', async () => {
    const model = await serveModel('passing', 8000, 'org/passing');
    await begin({ denyHosts: ['twin'] });
    await until({ 'one:8000': 'forwarded', 'two:8000': 'forwarded', 'passing:8000': 'forwarded' });
    const ports = ['one:8000', 'two:8000'].map(localPortOf);
    await engine.dispose();
    model.close();
    // The rules are off by now; what they had opened is there all the same.
    await begin({ enabled: false });
    await vi.waitFor(() => expect(engine.snapshot().forwards).toHaveLength(2), { timeout: 20_000 });
    const restored = engine.snapshot().forwards.toSorted((a, b) => a.id.localeCompare(b.id));
    expect(restored.map(({ localPort, origin }) => [localPort, origin])).toEqual(
      ports.map((port) => [port, 'auto']),
    );
  });

  it('opens tmux sessions where it is told to, which outlive it, and knows them again', async (context) => {
    const { stdout } = await run('tmux', ['-V']).catch(() => ({ stdout: '' }));
    if (stdout === '') return context.skip('tmux is not installed');
    const env = { ...process.env, TMUX_TMPDIR: folder };
    const kill = async () => run('tmux', ['kill-server'], { env }).catch(() => undefined);
    try {
      await begin({ tmux: true, denyHosts: ['twin', 'two'] }, env);
      await until({ 'one:8000': 'forwarded' });
      const port = localPortOf('one:8000');
      expect(engine.snapshot().forwards).toEqual([]);
      await expectModelThrough(`http://127.0.0.1:${port}`, 'org/llama');
      await engine.dispose();
      await expectModelThrough(`http://127.0.0.1:${port}`, 'org/llama');
      await begin({ tmux: true, denyHosts: ['twin', 'two'] }, env);
      await until({ 'one:8000': 'duplicate-session' });
      expect(localPortOf('one:8000')).toBe(port);
    } finally {
      await kill();
    }
  });
});
