import { expect, it } from 'vitest';
import type { Snapshot } from '#common/snapshot.ts';
import type { PortAnswer } from '#engine/this-computer/ask.ts';
import { type LocalServersOptions, localServers } from '#engine/this-computer/local-servers.ts';
import { aFailure, aLoad } from '../../../support/samples.ts';
import { failed, forward, server, snapshot } from '../../../support/snapshot.ts';
import { answers, aProcess, candidate, otherForward, page } from '../../../support/this-computer.ts';

const serversOf = (options: Partial<LocalServersOptions>) =>
  localServers({
    snapshot: snapshot({}),
    otherForwards: [],
    processes: [],
    candidates: [],
    copies: [],
    answers: new Map(),
    sessions: new Map(),
    loads: new Map(),
    ...options,
  });

it('name the tmux session in which the process was started, have the load that was measured, and sleep as it says', () => {
  const candidates = [
    candidate(8000, { pid: 5, process: 'vllm' }),
    candidate(8001, { pid: 6, process: 'vllm' }),
  ];
  const all = new Map(candidates.map(({ port }) => [port, answers()]));
  const found = serversOf({
    candidates,
    answers: all,
    sessions: new Map([
      ['notes', new Set([4])],
      ['models', new Set([5])],
    ]),
    loads: new Map([
      [8000, { loads: [aLoad], asleep: false, stuck: null }],
      [8001, { loads: [], asleep: true, stuck: null }],
    ]),
  });
  expect(found).toMatchObject([
    { loads: [aLoad], state: { kind: 'up' }, owner: { pid: 5, session: 'models' } },
    { loads: [], state: { kind: 'sleeping' }, owner: { pid: 6 } },
  ]);
  expect(found[1]?.owner).not.toHaveProperty('session');
});

it('belong to the process that listens, named without its arguments', () => {
  const candidates = [
    candidate(8001, { pid: 5, process: 'python3' }),
    candidate(8000, { pid: 6, process: 'ollama' }),
    candidate(8002),
    candidate(8003, { pid: 7, process: 'ssh' }),
  ];
  const processes = [
    aProcess(7, 'ssh: /home/me/.ssh/master [mux]'),
    aProcess(5, '/usr/bin/python3 -m vllm.entrypoints.openai.api_server --api-key secret'),
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
  const [alive] = serversOf({ ...options, otherForwards: [otherForward({ state: { kind: 'answering' } })] });
  expect(alive?.owner).toEqual({ kind: 'other-forward', otherForwardId: 'ssh 42 16100' });
  const failure = aFailure('port-in-use', { step: 'forward' });
  const [other] = serversOf({
    ...options,
    otherForwards: [otherForward({ state: { kind: 'dead', failure } })],
  });
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
    otherForwards: [otherForward({ state: { kind: 'unknown' } })],
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

it('behind the forward of another copy of the app are of its host, also while they do not answer', () => {
  const candidates = [16_100, 16_101].map((port) =>
    candidate(port, { pid: 7, process: 'node', expected: true }),
  );
  const copies = [16_100, 16_101].map((localPort) => ({
    hostId: 'gpu1',
    remotePort: localPort - 8100,
    localPort,
    pid: 7,
  }));
  const all = new Map<number, PortAnswer>([
    [16_100, answers()],
    [16_101, page],
  ]);
  expect(serversOf({ candidates, copies, answers: all })).toMatchObject([
    {
      port: 16_100,
      state: { kind: 'up' },
      owner: { kind: 'copy', pid: 7, hostId: 'gpu1', remotePort: 8000 },
    },
    { port: 16_101, models: [], state: { kind: 'failed' }, owner: { kind: 'copy', remotePort: 8001 } },
  ]);
  const [other] = serversOf({
    candidates: [candidate(16_100, { pid: 8, process: 'node' })],
    copies,
    answers: all,
  });
  expect(other?.owner).toMatchObject({ kind: 'process', pid: 8 });
});
