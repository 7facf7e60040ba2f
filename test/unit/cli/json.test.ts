import { expect, it } from 'vitest';
import { printJson } from '../../../main/cli/io.ts';
import { gpusJson, hostsJson, modelsJson } from '../../../main/cli/json.ts';
import { createTerminal } from '../../support/terminal.ts';
import { busy, gpu, host, noGpu, refused, server, snapshot } from './sample.ts';

it('prints hosts in the order of the configuration, and null for what is not known', () => {
  expect(hostsJson(snapshot({ hosts: [host('b'), host('a', { endpoint: null })] }))).toEqual({
    hosts: [
      { alias: 'b', hostname: 'b.example', port: 22, user: 'me' },
      { alias: 'a', hostname: null, port: null, user: null },
    ],
  });
});

it('prints every GPU with null for unknown numbers, and why a host gave none', () => {
  const hosts = [
    host('none', { state: noGpu }),
    host('away', { state: refused }),
    host('up', { gpus: [busy(0), gpu(1), gpu(2, { utilPct: null, memUsedMiB: null, memTotalMiB: null })] }),
  ];
  const common = { name: 'NVIDIA H100 80GB HBM3', memTotalMiB: 81_559 };
  expect(gpusJson(snapshot({ hosts }))).toEqual({
    hosts: [
      {
        alias: 'none',
        state: { kind: 'no-gpu', code: 'no-gpu-tool', reason: 'There is no GPU tool on this host' },
        gpus: [],
      },
      {
        alias: 'away',
        state: {
          kind: 'unreachable',
          code: 'connection-refused',
          reason: 'The host refused the connection (connect ECONNREFUSED 127.0.0.1:2)',
        },
        gpus: [],
      },
      {
        alias: 'up',
        state: { kind: 'up' },
        gpus: [
          { ...common, index: 0, uuid: 'GPU-0', utilPct: 90, memUsedMiB: 40_000, idle: false },
          { ...common, index: 1, uuid: 'GPU-1', utilPct: 0, memUsedMiB: 4, idle: true },
          {
            ...common,
            index: 2,
            uuid: 'GPU-2',
            utilPct: null,
            memUsedMiB: null,
            memTotalMiB: null,
            idle: null,
          },
        ],
      },
    ],
  });
});

it('calls no GPU idle on a host that is away', () => {
  const stale = { kind: 'stale', failure: 'failure' in refused ? refused.failure : never() } as const;
  const printed = gpusJson(snapshot({ hosts: [host('a', { state: stale, gpus: [gpu(0)] })] }));
  expect(printed.hosts[0]?.gpus[0]?.idle).toBeNull();
});

it('prints one entry for each model on each server of a host', () => {
  const two = server('a', 8001, {
    engine: null,
    version: null,
    models: [
      { id: 'base', maxModelLen: null, parent: null },
      { id: 'lora', maxModelLen: null, parent: 'base' },
    ],
  });
  const locked = server('a', 8002, { state: { kind: 'locked' }, models: [] });
  const printed = modelsJson(
    snapshot({ hosts: [host('b'), host('a')], servers: [server('a', 8000), two, locked] }),
  );
  expect(printed).toEqual({
    hosts: [
      { alias: 'b', state: { kind: 'up' }, models: [] },
      {
        alias: 'a',
        state: { kind: 'up' },
        models: [
          { port: 8000, id: 'org/model', engine: 'vllm', version: '0.11.0' },
          { port: 8001, id: 'base', engine: null, version: null },
          { port: 8001, id: 'lora', engine: null, version: null },
        ],
      },
    ],
  });
});

it('says nothing of the models of a lost host', () => {
  const lost = server('a', 8000, { state: { kind: 'lost', what: 'host', since: 0 } });
  const { hosts } = modelsJson(snapshot({ hosts: [host('a')], servers: [lost] }));
  expect(hosts).toEqual([{ alias: 'a', state: { kind: 'up' }, models: [] }]);
});

function never(): never {
  throw new Error('the sample has a failure');
}

it('is printed so that a program reads all of it and a terminal obeys none of it', () => {
  const { io, out } = createTerminal({ home: '/' });
  const value = { name: 'a\u001b[31m\u009b2J\u202eb\u{e0041}\u2028東京🚀' };
  printJson(io.out, value);
  expect(JSON.parse(out())).toEqual(value);
  expect(out().slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(out()).toContain('東京🚀');
});
