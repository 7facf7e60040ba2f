/** The model servers of this computer: real processes that listen on its ports. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Settings } from '#common/settings.ts';
import type { Engine } from '#engine/engine.ts';
import { engineFor } from '../../support/engine-for.ts';
import { httpServer } from '../../support/model-servers.ts';
import { startProgram } from './program.ts';
import { serversAt } from './surroundings.ts';

interface EngineOptions {
  readonly ownPorts?: readonly number[];
  readonly isDemo?: boolean;
}

async function openEngine(
  settings: Partial<Settings> = {},
  { ownPorts = [], isDemo = false }: EngineOptions = {},
): Promise<Engine> {
  const home = await mkdtemp(join(tmpdir(), 'vt-local-'));
  const engine = engineFor(join(home, 'config'), {
    ...(isDemo && { source: { kind: 'demo' } }),
    settings,
    home,
    env: { ...process.env, TMUX_TMPDIR: home },
    ownPorts: () => ownPorts,
  });
  onTestFinished(async () => {
    await engine.dispose();
    await rm(home, { recursive: true });
  });
  return engine;
}

/** None of the ports that the system hands out by itself. */
const chosenPort = 21_700;

it('is found by the name of its process, and shown with it', async () => {
  const { pid, port } = await startProgram('llama-server', chosenPort);
  const engine = await openEngine();
  await engine.handlers['localServers.refresh']({});
  expect(serversAt(engine, [port])).toEqual([
    {
      port,
      address: '127.0.0.1',
      engine: 'llama.cpp',
      version: 'b6000',
      models: ['org/local'],
      loads: [],
      state: { kind: 'up' },
      owner: { kind: 'process', pid, command: expect.stringContaining('llama-server') },
    },
  ]);
});

it('is asked on ports that the settings name, and not on those that they leave out', async () => {
  const named = await startProgram('llama-server', 0);
  const skipped = await startProgram('llama-server', chosenPort);
  const broken = await startProgram('something', 0);
  const engine = await openEngine({
    modelPorts: { extra: [named.port, broken.port, skipped.port], skip: [skipped.port] },
  });
  await engine.handlers['localServers.refresh']({});
  const ports = [named.port, skipped.port, broken.port];
  const states = serversAt(engine, ports).map(({ port, state }) => [port, state.kind]);
  expect(Object.fromEntries(states)).toEqual({ [named.port]: 'up', [broken.port]: 'failed' });
  expect(await skipped.asked()).toEqual([]);
});

it('is not looked for among the listeners of this process, nor on the ports of its faces', async () => {
  const asked: string[] = [];
  const port = await httpServer((request, response) => {
    asked.push(request.url ?? '');
    response.end();
  });
  const face = await startProgram('llama-server', chosenPort);
  const engine = await openEngine(
    { modelPorts: { extra: [port, face.port], skip: [] } },
    { ownPorts: [face.port] },
  );
  await engine.handlers['localServers.refresh']({});
  expect([asked, await face.asked(), serversAt(engine, [port, face.port])]).toEqual([[], [], []]);
});

it('leaves a program alone that is something else, until somebody asks for it', async () => {
  const program = await startProgram('something', 0);
  const engine = await openEngine({ localPorts: { from: program.port, to: program.port } });
  await engine.lookAround({});
  const once = await program.asked();
  expect(once).toContain('/v1/models');
  await engine.lookAround({});
  expect(await program.asked()).toEqual(once);
  await engine.handlers['localServers.refresh']({});
  expect(await program.asked()).toEqual([...once, ...once]);
  expect(serversAt(engine, [program.port])).toEqual([]);
});

it('is not asked by itself beside the demo cluster', async () => {
  const { port, asked } = await startProgram('llama-server', chosenPort);
  const engine = await openEngine({}, { isDemo: true });
  await engine.lookAround({});
  expect(await asked()).toEqual([]);
  await engine.handlers['localServers.refresh']({});
  expect(serversAt(engine, [port])).toHaveLength(1);
});

it('goes when its process has gone', async () => {
  const { pid, port } = await startProgram('llama-server', chosenPort);
  const engine = await openEngine();
  await engine.handlers['localServers.refresh']({});
  expect(serversAt(engine, [port])).toHaveLength(1);
  process.kill(pid);
  await expect
    .poll(
      async () => {
        await engine.handlers['localServers.refresh']({});
        return serversAt(engine, [port]);
      },
      { timeout: 20_000 },
    )
    .toEqual([]);
});

it('is looked for while somebody watches, and when somebody begins to', async () => {
  const engine = await openEngine({ welcomed: true });
  const { port } = await startProgram('llama-server', chosenPort);
  await engine.loadHosts();
  engine.setShown(false);
  engine.begin();
  expect(engine.snapshot().otherForwards.lookedAt).toBeNull();
  engine.setShown(true);
  await expect.poll(() => serversAt(engine, [port]), { timeout: 20_000 }).toHaveLength(1);
  expect(engine.snapshot().otherForwards).toMatchObject({ tmux: expect.stringMatching(/no-server|missing/) });
});
