/** From what is asked for to what would run. */

import { describe, expect, it } from 'vitest';
import type { LaunchRequest } from '#common/launch-request.ts';
import type { FoundFacts } from '#engine/launch/host-answers.ts';
import { hostFor, portsFor, prepare, requireSafe, takenGpus, wishOf } from '#engine/launch/planner.ts';
import { aFailure } from '../../../support/samples.ts';
import { busyGpu, gpu, host, launch, snapshot } from '../../../support/snapshot.ts';

const request: LaunchRequest = {
  hostId: 'a',
  model: 'org/m',
  launcher: { kind: 'plain' },
  args: [],
  env: {},
  lifetimeSeconds: null,
};
const facts: FoundFacts = {
  condaBases: [],
  condaEnvironments: [],
  vllm: '/usr/bin/vllm',
  uv: false,
  containerTool: null,
  port: 8003,
};
const gpus = ['G0', 'G1', 'G2'].map((uuid, index) => gpu({ uuid, index }));
const one = snapshot({ hosts: [host('a', { gpus }), host('b', { gpus: [busyGpu()] })] });

describe('a request', () => {
  it('without a port has the hundred from 8000, with one that alone', () => {
    expect(portsFor(request)).toEqual({ from: 8000, to: 8099 });
    expect(portsFor({ ...request, remotePort: 9001 })).toEqual({ from: 9001, to: 9001 });
  });

  it.each<[string, Partial<LaunchRequest>]>([
    ['a token in the environment', { env: { HF_TOKEN: 'hf_abcdefghijklmnopqrstuvwxyz012345' } }],
    ['a key in the arguments', { args: ['--api-key', 'sk-123'] }],
    ['a port in the arguments', { args: ['--port', '9000'] }],
    ['a port in one argument', { args: ['--port=9000'] }],
  ])('with %s is refused, and the secret is not repeated', (_name, more) => {
    try {
      requireSafe({ ...request, ...more });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'bad-request', step: 'launch' });
      expect(String((error as { detail?: string }).detail)).not.toMatch(/hf_|sk-/);
    }
  });

  it('is for as many GPUs as its arguments split the model over', () => {
    expect(wishOf(request)).toEqual({ kind: 'count', count: 1, minGiB: 0 });
    expect(wishOf({ ...request, args: ['--tensor-parallel-size', '4'] })).toMatchObject({ count: 4 });
    const own = { kind: 'indices' as const, indices: [2] };
    expect(wishOf({ ...request, gpus: own, args: ['-tp', '4'] })).toBe(own);
  });
});

describe('the host', () => {
  it('is the one that is named, or the one that fits', () => {
    expect(hostFor(one, { ...request, hostId: 'b' }).id).toBe('b');
    expect(hostFor(one, { ...request, hostId: null }).id).toBe('a');
  });

  it('that is unknown, or away, is refused with why', () => {
    expect(() => hostFor(one, { ...request, hostId: 'nowhere' })).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
    const away = host('a', { state: { kind: 'unreachable', failure: aFailure('connection-refused') } });
    expect(() => hostFor(snapshot({ hosts: [away] }), request)).toThrow(
      expect.objectContaining({ code: 'connection-refused' }),
    );
    const queued = host('a', { state: { kind: 'queued' } });
    expect(() => hostFor(snapshot({ hosts: [queued] }), request)).toThrow(
      expect.objectContaining({ code: 'not-measured' }),
    );
  });
});

describe('a plan', () => {
  it('says what would run, on which GPUs and port', () => {
    const { plan, limit, files } = prepare(request, facts, one);
    expect(plan).toMatchObject({
      hostId: 'a',
      model: 'org/m',
      remotePort: 8003,
      gpus: ['G0'],
      launcher: 'plain',
      lifetimeSeconds: null,
      command: 'exec env CUDA_VISIBLE_DEVICES=G0 vllm serve org/m --port 8003 --host 127.0.0.1',
    });
    expect(limit?.uuids).toEqual(['G0']);
    expect(files).toMatchObject({ name: plan.name, port: 8003, line: plan.command, killLine: null });
  });

  it('splits the model over its GPUs, unless the arguments do', () => {
    const two = { ...request, gpus: { kind: 'count', count: 2, minGiB: 0 } } as const;
    expect(prepare(two, facts, one).plan.command).toMatch(/--tensor-parallel-size 2$/);
    const own = ['--pipeline-parallel-size', '2'];
    expect(prepare({ ...two, args: own }, facts, one).plan.command).not.toContain('tensor');
    expect(prepare(request, facts, one).plan.command).not.toContain('parallel');
  });

  it('leaves GPUs out that a live launch holds, though they look free', () => {
    const held = { ...one, launches: [launch('a', 'x', { gpus: ['G0', 'G1'] })] };
    expect(prepare(request, facts, held).plan.gpus).toEqual(['G2']);
    expect([...(takenGpus(held).get('a') ?? [])]).toEqual(['G0', 'G1']);
    const two = { ...request, gpus: { kind: 'count', count: 2, minGiB: 0 } } as const;
    expect(() => prepare(two, facts, held)).toThrow(expect.objectContaining({ code: 'gpus-busy' }));
  });

  it('is refused where no port is free', () => {
    expect(() => prepare(request, { ...facts, port: null }, one)).toThrow(
      expect.objectContaining({ code: 'launch-refused', detail: 'the port is taken' }),
    );
  });

  it('has an id of its own each time', () => {
    expect(prepare(request, facts, one).plan.id).not.toBe(prepare(request, facts, one).plan.id);
  });
});
