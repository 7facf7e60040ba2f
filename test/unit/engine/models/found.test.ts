import { expect, test } from 'vitest';
import type { EngineKind, ServerState } from '#common/servers.ts';
import { type Found, toServer, withoutDoubles, withoutInstances } from '#engine/models/found.ts';
import type { ListedModel } from '#engine/models/model-cards.ts';

const model = (id: string, fields: Partial<ListedModel> = {}): ListedModel => ({
  id,
  maxModelLen: null,
  parent: null,
  loaded: null,
  isEmbedding: false,
  ...fields,
});

interface At {
  readonly engine?: EngineKind;
  readonly models?: readonly ListedModel[];
  readonly state?: ServerState;
  readonly pid?: number;
  readonly silent?: boolean;
}

function found(
  port: number,
  { engine = 'llama.cpp', models = [], pid = port, silent = false, state }: At,
): Found {
  return {
    candidate: { port, addresses: ['127.0.0.1'], expected: false, process: null, pid },
    address: '127.0.0.1',
    described: { state: state ?? { kind: 'up' }, engine, version: null, models },
    silent,
  };
}

const portsOf = (all: readonly Found[]) => all.map(({ candidate }) => candidate.port);

test('the instances behind a router of llama.cpp are hidden, whether they serve or still load', () => {
  const router = found(8080, { models: [model('a', { loaded: true }), model('b', { loaded: false })] });
  const serving = found(41_001, { models: [model('a')] });
  const loading = found(41_002, { state: { kind: 'starting' } });
  const others = [
    found(41_003, { models: [model('c')] }),
    found(41_004, { models: [model('a')], engine: 'vllm' }),
    found(8081, { models: [model('a')] }),
  ];
  expect(portsOf(withoutInstances([router, serving, loading, ...others]))).toEqual([
    8080, 41_003, 41_004, 8081,
  ]);
});

test('without a router nothing is hidden', () => {
  const all = [found(8080, { models: [model('a')] }), found(41_001, { models: [model('a')] })];
  expect(withoutInstances(all)).toEqual(all);
});

test('a silent process is one row, and none beside a port of its own that answers', () => {
  const silent = { silent: true, state: { kind: 'starting' } } as const;
  expect(
    portsOf(
      withoutDoubles([
        found(40_001, { ...silent, pid: 1 }),
        found(40_002, { ...silent, pid: 1 }),
        found(40_003, { ...silent, pid: 2 }),
        found(40_004, { pid: 2 }),
        found(40_005, { pid: 2 }),
      ]),
    ),
  ).toEqual([40_001, 40_004, 40_005]);
});

test('what is loaded comes first and what embeds last, else the order is kept', () => {
  const models = [
    model('embeds', { isEmbedding: true, loaded: true }),
    model('away', { loaded: false }),
    model('b', { loaded: true, maxModelLen: 5, parent: 'a' }),
    model('a', { loaded: true }),
    model('unsaid'),
  ];
  expect(toServer(found(8000, { models }), 'gpu-7', 1)).toEqual({
    id: 'gpu-7:8000',
    hostId: 'gpu-7',
    port: 8000,
    address: '127.0.0.1',
    state: { kind: 'up' },
    engine: 'llama.cpp',
    version: null,
    models: [
      { id: 'b', maxModelLen: 5, parent: 'a' },
      { id: 'a', maxModelLen: null, parent: null },
      { id: 'unsaid', maxModelLen: null, parent: null },
      { id: 'embeds', maxModelLen: null, parent: null },
      { id: 'away', maxModelLen: null, parent: null },
    ],
    loads: [],
    process: null,
    seenAt: 1,
  });
});
