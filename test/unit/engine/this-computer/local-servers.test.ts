import { expect, it } from 'vitest';
import type { Snapshot } from '#common/model.ts';
import { type LocalServersOptions, localServers } from '#engine/local/local-servers.ts';
import { aFailure } from '../../../samples.ts';
import { failed, forward, server, snapshot } from '../../common/samples.ts';
import { answers, candidate, foreign, page, process } from '../elsewhere/samples.ts';

const serversOf = (options: Partial<LocalServersOptions>) =>
  localServers({
    snapshot: snapshot({}),
    foreign: [],
    processes: [],
    candidates: [],
    answers: new Map(),
    ...options,
  });

it('belong to the process that listens, named without its arguments', () => {
  const candidates = [
    candidate(8001, { pid: 5, process: 'python3' }),
    candidate(8000, { pid: 6, process: 'ollama' }),
    candidate(8002),
    candidate(8003, { pid: 7, process: 'ssh' }),
  ];
  const processes = [
    process(7, 'ssh: /home/me/.ssh/master [mux]'),
    process(5, '/usr/bin/python3 -m vllm.entrypoints.openai.api_server --api-key secret'),
  ];
  const all = new Map(candidates.map(({ port }) => [port, answers()]));
  expect(
    serversOf({ candidates, processes, answers: all }).map(({ port, owner }) => ({ port, owner })),
  ).toEqual([
    { port: 8000, owner: { kind: 'process', pid: 6, command: 'ollama' } },
    {
      port: 8001,
      owner: { kind: 'process', pid: 5, command: 'python3 -m vllm.entrypoints.openai.api_server' },
    },
    { port: 8002, owner: { kind: 'process', pid: null, command: null } },
    { port: 8003, owner: { kind: 'process', pid: 7, command: 'ssh' } },
  ]);
});

it('belong to the forward of another program, unless that is dead and another has its port', () => {
  const candidates = [candidate(16_100, { pid: 42, process: 'ssh' })];
  const options = { candidates, answers: new Map([[16_100, answers()]]) };
  const [alive] = serversOf({ ...options, foreign: [foreign({ state: { kind: 'answering' } })] });
  expect(alive?.owner).toEqual({ kind: 'foreign', foreignId: 'ssh 42 16100' });
  const failure = aFailure('port-in-use', { step: 'forward' });
  const [other] = serversOf({ ...options, foreign: [foreign({ state: { kind: 'dead', failure } })] });
  expect(other?.owner).toEqual({ kind: 'process', pid: 42, command: 'ssh' });
});

it('are there without a model list only where a process should serve one', () => {
  const candidates = [
    candidate(8000, { pid: 5, process: 'vllm', expected: true }),
    candidate(8080, { pid: 6, process: 'node' }),
    candidate(16_100, { pid: 42, process: 'ssh', expected: true }),
    candidate(9000, { pid: 7, process: 'vllm', expected: true }),
  ];
  const found = serversOf({
    candidates,
    answers: new Map([8000, 8080, 16_100].map((port) => [port, page])),
    foreign: [foreign({ state: { kind: 'unknown' } })],
  });
  expect(found).toMatchObject([
    {
      port: 8000,
      engine: 'vllm',
      models: [],
      state: { kind: 'failed', failure: { code: 'server-not-openai' } },
    },
  ]);
});

it('behind the forwards of this app are those of the hosts, as good as the forward is', () => {
  const known = [server('gpu1', 8000, ['a', 'b']), server('gpu2', 8000, ['c']), server('gpu3', 8000, ['d'])];
  const { failure } = failed() as Extract<ReturnType<typeof failed>, { failure: unknown }>;
  const forwards: Snapshot['forwards'] = [
    forward('gpu1', 8000, { localPort: 16_102 }),
    forward('gpu2', 8000, { localPort: 16_101, state: { kind: 'retrying', failure } }),
    forward('gpu3', 8000, { localPort: 16_100, health: { kind: 'model-down', failure } }),
    forward('gpu4', 8000, { localPort: 16_103 }),
    forward('gpu1', 8001, { localPort: null }),
  ];
  expect(serversOf({ snapshot: snapshot({ servers: known, forwards }) })).toMatchObject([
    { port: 16_100, models: ['d'], state: { kind: 'failed', failure } },
    { port: 16_101, models: ['c'], state: { kind: 'failed', failure } },
    {
      port: 16_102,
      address: '127.0.0.1',
      engine: 'vllm',
      models: ['a', 'b'],
      state: { kind: 'up' },
      owner: { kind: 'forward', forwardId: 'gpu1:8000' },
    },
  ]);
});
