/** Serving on the demo cluster: the engine's own scripts in the shells of the demo hosts, and a `vllm` that plays its stages. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LaunchRequest } from '#common/launch-request.ts';
import type { Launch, LaunchId } from '#common/launches.ts';
import type { Engine } from '#engine/engine.ts';
import { type DemoCluster, startDemoCluster } from '../../../main/demo/cluster.ts';
import { engineFor, hostOf } from '../../support/engine-for.ts';

const waiting = { timeout: 60_000, interval: 100 };

let home = '';
let cluster: DemoCluster;
let engine: Engine;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'demo-serve-'));
  cluster = await startDemoCluster({ home });
  engine = engineFor(cluster.sshConfigPath, { source: { kind: 'demo' }, home });
  await engine.loadHosts();
});
afterEach(async () => {
  await engine.dispose();
  await cluster.dispose();
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
  expect(stdout.split('\n').filter((line) => line.includes(home))).toEqual([]);
  await rm(home, { recursive: true, force: true });
});

const begin = async (model: string, fields: Partial<LaunchRequest> = {}): Promise<LaunchId> => {
  // A GPU counts as free by its second measurement.
  await engine.scan(['h100-01']);
  await engine.scan(['h100-01']);
  const plan = await engine.handlers['launch.plan']({
    hostId: 'h100-01',
    model,
    launcher: { kind: 'auto' },
    gpus: { kind: 'indices', indices: [7] },
    args: [],
    env: {},
    lifetimeSeconds: null,
    ...fields,
  });
  return await engine.handlers['launch.start']({ planId: plan.id });
};
const launchOf = (id: LaunchId): Launch | undefined =>
  engine.snapshot().launches.find((launch) => launch.id === id);
const untilStage = (id: LaunchId, kind: Launch['stage']['kind']) =>
  vi.waitFor(() => expect(launchOf(id)?.stage.kind, launchOf(id)?.lastLine).toBe(kind), waiting);

it('a model comes up on a GPU of its host, which is then busy, answers through its forward, and stops', async () => {
  const id = await begin('Qwen/Qwen3-8B');
  const seen = new Set<string>();
  engine.subscribe(() => seen.add(launchOf(id)?.stage.kind ?? ''));
  await vi.waitFor(async () => {
    await engine.scan(['h100-01']);
    expect(hostOf(engine, 'h100-01').gpus[7]?.memUsedMiB).toBeGreaterThan(60_000);
  }, waiting);
  await untilStage(id, 'ready');
  // Which of them a look meets depends on how fast this computer is.
  expect([...seen].filter((kind) => ['download', 'load', 'compile'].includes(kind))).not.toEqual([]);
  await vi.waitFor(() => expect(engine.snapshot().forwards[0]?.state.kind).toBe('listening'), waiting);
  const [forward] = engine.snapshot().forwards;
  const answer = await fetch(`http://127.0.0.1:${forward?.localPort}/v1/models`);
  expect(await answer.json()).toMatchObject({ data: [{ id: 'Qwen/Qwen3-8B' }] });
  // 8000 and 8001 are those of the models that the host serves anyway.
  expect(launchOf(id)).toMatchObject({ remotePort: 8002, launcher: 'plain' });
  await vi.waitFor(
    () => expect(engine.snapshot().servers.map((server) => server.id)).toContain('h100-01:8002'),
    waiting,
  );
  await engine.handlers['launch.stop']({ launchId: id });
  await untilStage(id, 'stopped');
  await vi.waitFor(async () => {
    await engine.scan(['h100-01']);
    expect(hostOf(engine, 'h100-01').gpus[7]?.memUsedMiB).toBeLessThan(1000);
  }, waiting);
}, 120_000);

it('a gated model fails and says so; a launch that runs ends with the cluster', async () => {
  const other = await begin('Qwen/Qwen3-8B', { launcher: { kind: 'container', image: 'vllm/vllm-openai' } });
  const gated = await begin('meta-llama/Llama-3.1-8B-Instruct', {
    gpus: { kind: 'count', count: 0, minGiB: 0 },
  });
  await untilStage(gated, 'failed');
  expect(launchOf(gated)?.stage).toMatchObject({ failure: { kind: 'no-access' } });
  await untilStage(other, 'ready');
}, 120_000);
