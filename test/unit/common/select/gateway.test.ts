import { expect, it } from 'vitest';
import { gatewayModels } from '#common/select/gateway.ts';
import type { ModelServer, ServerState } from '#common/servers.ts';
import { catalogueOf, reachable } from '#engine/gateway/catalogue.ts';
import { aFailure, aLocalServer } from '../../../support/samples.ts';
import { forward, server, snapshot } from '../../../support/snapshot.ts';

/** One of each kind: a new kind does not compile without its line. */
const states: Readonly<Record<ServerState['kind'], ServerState>> = {
  up: { kind: 'up' },
  starting: { kind: 'starting' },
  sleeping: { kind: 'sleeping' },
  stuck: { kind: 'stuck', why: 'no-progress', since: 0 },
  locked: { kind: 'locked' },
  failed: { kind: 'failed', failure: aFailure('server-timeout') },
  lost: { kind: 'lost', what: 'host', since: null },
};

const servers: readonly ModelServer[] = [
  server('gpu-01', 8000, ['Qwen/Qwen3-8B', 'my-adapter']),
  server('gpu-02', 8000, ['Qwen/Qwen3-8B']),
  ...Object.values(states).map((state, at) => ({
    ...server('gpu-03', 9000 + at, [`is-${state.kind}`]),
    state,
  })),
];
const local = { ...aLocalServer, owner: { kind: 'process', pid: 1, command: 'ollama' } } as const;
const known = snapshot({
  servers,
  forwards: [forward('gpu-01', 8000)],
  localServers: [
    { ...local, port: 11_434, models: ['phi'] },
    { ...local, port: 11_435, models: ['away'], state: { kind: 'sleeping' } },
    { ...local, port: 16_100, models: ['twice'], owner: { kind: 'forward', forwardId: 'gpu-01:8000' } },
    {
      ...local,
      port: 17_000,
      models: ['twice'],
      owner: { kind: 'copy', pid: 1, hostId: 'gpu-02', remotePort: 8000 },
    },
  ],
});

it('the models that faces count are those that the gateway lists', () => {
  expect(gatewayModels(known)).toEqual(['Qwen/Qwen3-8B', 'is-up', 'my-adapter', 'phi']);
  expect(gatewayModels(known)).toEqual(reachable(catalogueOf(known)).map(({ id }) => id));
  expect(gatewayModels(snapshot())).toEqual([]);
});
