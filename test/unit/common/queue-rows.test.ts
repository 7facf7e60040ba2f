import { expect, it } from 'vitest';
import { behind, isMeasuredOnHost } from '#common/local-loads.ts';
import type { LocalServer } from '#common/local-servers.ts';
import { queueRows } from '#common/select/servers.ts';
import { aLoad, aLocalServer } from '../../support/samples.ts';
import { forward, host, server, snapshot } from '../../support/snapshot.ts';
import { otherForward } from '../../support/this-computer.ts';

const load = (waiting: number) => ({ ...aLoad, model: 'org/model', waiting });
const local = (port: number, owner: LocalServer['owner'], waiting: number | null): LocalServer => ({
  ...aLocalServer,
  port,
  owner,
  loads: waiting === null ? [] : [load(waiting)],
});
const other = (localPort: number, fields: Parameters<typeof otherForward>[0] = {}) =>
  otherForward({ id: `ssh 42 ${localPort}`, localPort, ...fields });
const through = (port: number) => ({ kind: 'other-forward', otherForwardId: `ssh 42 ${port}` }) as const;

const shown = snapshot({
  hosts: [host('gpu1'), host('gpu2')],
  servers: [
    { ...server('gpu1', 8000, ['org/model']), loads: [load(1)] },
    { ...server('gpu1', 8001, ['org/model']), loads: [load(2)] },
    { ...server('gpu2', 8000, ['org/model']), loads: [] },
  ],
  forwards: [forward('gpu1', 8001, { localPort: 16_150 })],
  otherForwards: {
    tmux: 'available',
    processes: 'available',
    lookedAt: 1,
    forwards: [
      other(16_100, { hostId: 'gpu1', remotePort: 8000 }),
      other(16_101, { hostId: 'gpu2', remotePort: 8000 }),
      other(16_102, { hostId: 'gpu2', remotePort: 8000 }),
      other(16_103, { hostId: 'gpu1', remotePort: 8000, remoteAddress: '10.0.0.7' }),
      other(16_104, { hostId: null, destination: 'elsewhere', remotePort: 9000 }),
    ],
  },
  localServers: [
    local(8000, { kind: 'process', pid: 1, command: 'vllm' }, 3),
    local(9000, { kind: 'process', pid: 2, command: 'vllm' }, null),
    local(16_100, through(16_100), 4),
    local(16_101, through(16_101), 5),
    local(16_102, through(16_102), 6),
    local(16_103, through(16_103), 7),
    local(16_104, through(16_104), 8),
    local(16_150, { kind: 'forward', forwardId: 'gpu1:8001' }, null),
  ],
});

it('has one row for a server, whether it is seen over SSH, through forwards or both', () => {
  expect(
    queueRows(shown).map(({ alias, port, localPort, load: { waiting } }) => [
      alias,
      port,
      localPort,
      waiting,
    ]),
  ).toEqual([
    ['gpu1', 8000, 16_100, 1],
    ['gpu1', 8001, 16_150, 2],
    [null, 8000, 8000, 3],
    ['gpu2', 8000, 16_101, 5],
    ['gpu1', 8000, 16_103, 7],
    [null, 9000, 16_104, 8],
  ]);
  const keys = queueRows(shown).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

it('asks nothing here of what is measured on its host', () => {
  const measured = shown.localServers.filter((one) => isMeasuredOnHost(one, shown)).map(({ port }) => port);
  expect(measured).toEqual([16_100, 16_150]);
});

it('takes the place behind another copy of the app from its forward', () => {
  const owner = { kind: 'copy', pid: 9, hostId: 'gpu1', remotePort: 8000 } as const;
  expect(behind({ port: 17_000, owner }, shown)).toEqual({ key: 'gpu1:8000', hostId: 'gpu1', port: 8000 });
});

it('names a model as requests do where the metrics name it otherwise', () => {
  const rows = queueRows(
    snapshot({
      localServers: [
        {
          ...local(8000, { kind: 'process', pid: 1, command: null }, 0),
          loads: [{ ...aLoad, model: '/models/x' }],
        },
        {
          ...local(8001, { kind: 'process', pid: 1, command: null }, 0),
          models: ['a', 'b'],
          loads: [{ ...aLoad, model: 'b' }],
        },
      ],
    }),
  );
  expect(rows.map(({ model }) => model)).toEqual(['org/model', 'b']);
});
