import { describe, expect, it } from 'vitest';
import type { LocalServer } from '#common/local-servers.ts';
import type { ModelServer } from '#common/servers.ts';
import { catalogueOf, findModel, nearestNames, reachable, whyNot } from '#engine/gateway/catalogue.ts';
import { modelList, oneModel } from '#engine/gateway/model-list.ts';
import { failed, forward, server, snapshot } from '../../../support/snapshot.ts';

const local = (port: number, models: readonly string[], fields: Partial<LocalServer> = {}): LocalServer => ({
  port,
  address: '127.0.0.1',
  engine: 'vllm',
  version: null,
  models,
  state: { kind: 'up' },
  loads: [],
  owner: { kind: 'process', pid: 1, command: 'vllm' },
  ...fields,
});

const away: ModelServer['state'] = { kind: 'sleeping' };
const known = snapshot({
  servers: [
    server('gpu-01', 8000, ['Qwen/Qwen3-8B', 'my-adapter']),
    server('gpu-02', 8000, ['Qwen/Qwen3-8B']),
    server('gpu-02', 8001, ['Qwen/Qwen3-8B', 'bge-m3']),
    { ...server('gpu-03', 8000, ['llama']), state: away },
  ],
  forwards: [forward('gpu-01', 8000)],
  localServers: [
    local(11434, ['phi']),
    local(16100, ['Qwen/Qwen3-8B', 'my-adapter'], { owner: { kind: 'forward', forwardId: 'gpu-01:8000' } }),
    local(17000, ['Qwen/Qwen3-8B'], { owner: { kind: 'copy', pid: 1, hostId: 'gpu-02', remotePort: 8000 } }),
  ],
});
const catalogue = catalogueOf(known);
const places = (name: string) =>
  findModel(catalogue, name)?.replicas.map(({ host, port }) => `${host}:${port}`) ?? null;

describe('the models of all servers', () => {
  it('are one list, in which the same id is one model with replicas, each server once', () => {
    expect([...catalogue.keys()].sort()).toEqual(['Qwen/Qwen3-8B', 'bge-m3', 'llama', 'my-adapter', 'phi']);
    expect(places('Qwen/Qwen3-8B')).toEqual(['gpu-01:8000', 'gpu-02:8000', 'gpu-02:8001']);
    expect(places('my-adapter')).toEqual(['gpu-01:8000']);
  });

  it('are addressed on one host, and at one port of it', () => {
    expect(places('gpu-02/Qwen/Qwen3-8B')).toEqual(['gpu-02:8000', 'gpu-02:8001']);
    expect(places('gpu-02:8001/Qwen/Qwen3-8B')).toEqual(['gpu-02:8001']);
    expect(places('localhost/phi')).toEqual(['localhost:11434']);
    expect(findModel(catalogue, 'gpu-02/Qwen/Qwen3-8B')?.model).toBe('Qwen/Qwen3-8B');
  });

  it('lead nowhere under a name that was not scanned', () => {
    for (const name of [
      '',
      '/',
      'gpu-03/bge-m3',
      'gpu-09/Qwen/Qwen3-8B',
      'evil.example/Qwen/Qwen3-8B',
      '127.0.0.1:22/phi',
      'gpu-02:9/bge-m3',
      '/Qwen/Qwen3-8B',
      'constructor',
      '__proto__',
    ])
      expect(findModel(catalogue, name)).toBeNull();
  });

  it('prefer a model whose own name begins like a host', () => {
    const tricky = catalogueOf({ ...known, servers: [server('a', 1, ['x', 'b/x']), server('b', 1, ['x'])] });
    expect(findModel(tricky, 'b/x')).toMatchObject({ model: 'b/x', replicas: [{ host: 'a' }] });
  });
});

it('only servers that are up take requests, and the others say why not', () => {
  expect(whyNot({ state: { kind: 'up' } })).toBeNull();
  const states: readonly ModelServer['state'][] = [
    { kind: 'starting' },
    { kind: 'sleeping' },
    { kind: 'locked' },
    failed() as unknown as ModelServer['state'],
    { kind: 'lost', what: 'host', since: 1 },
    { kind: 'lost', what: 'look', since: null },
  ].map((state) => ('failure' in state ? { kind: 'failed', failure: state.failure } : state)) as never;
  for (const state of states) expect(whyNot({ state }), state.kind).toMatch(/^[a-z].*[^.]$/);
  expect(reachable(catalogue).map(({ id }) => id)).toEqual(['Qwen/Qwen3-8B', 'bge-m3', 'my-adapter', 'phi']);
});

it('the nearest names are found by their last part, too', () => {
  expect(nearestNames('qwen3-8b', catalogue)[0]).toBe('Qwen/Qwen3-8B');
  expect(nearestNames('bge_m3', catalogue)[0]).toBe('bge-m3');
  expect(nearestNames('x'.repeat(10_000), catalogue)).toEqual([]);
  expect(nearestNames('x', catalogue)).toHaveLength(3);
});

it('the list has a form for the clients of both APIs', () => {
  expect(modelList(catalogue, 1_700_000_000_000)).toMatchObject({
    object: 'list',
    has_more: false,
    first_id: 'Qwen/Qwen3-8B',
    last_id: 'phi',
    data: [
      {
        id: 'Qwen/Qwen3-8B',
        object: 'model',
        type: 'model',
        created: 1_700_000_000,
        created_at: '2023-11-14T22:13:20.000Z',
        max_model_len: 32_768,
        hosts: ['gpu-01', 'gpu-02'],
      },
      { id: 'bge-m3' },
      { id: 'my-adapter' },
      { id: 'phi', max_model_len: null, hosts: ['localhost'] },
    ],
  });
  expect(oneModel(catalogue, 'gpu-02/Qwen/Qwen3-8B', 0)).toMatchObject({
    id: 'gpu-02/Qwen/Qwen3-8B',
    hosts: ['gpu-02'],
  });
  for (const name of ['llama', 'none', '']) expect(oneModel(catalogue, name, 0)).toBeNull();
});
