/** What each watcher calls news in one Snapshot after the other, and what it leaves out. */

import { describe, expect, it } from 'vitest';
import type { Host } from '#common/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import {
  type Rule,
  type Watcher,
  watchForwards,
  watchFreeGpus,
  watchHosts,
  watchModels,
  watchQueues,
} from '#engine/notices/events.ts';
import { aFailure, aFreeRule, aLoad } from '../../../support/samples.ts';
import { busyGpu, failed, forward, gpu, host, server, snapshot } from '../../../support/snapshot.ts';

const everyHost = { enabled: true, hosts: [] };
const freeRule: Rule<'gpus-free'> = { ...aFreeRule, atLeast: 2 };
const upRule: Rule<'model-up'> = { ...everyHost, id: 'up', kind: 'model-up', models: [] };
const goneRule: Rule<'model-gone'> = { ...upRule, id: 'gone', kind: 'model-gone' };
const queueRule: Rule<'queue-long'> = {
  ...everyHost,
  id: 'queue',
  kind: 'queue-long',
  models: [],
  over: 10,
  forMs: 30_000,
};

/** Shows a watcher one Snapshot after the other, at seconds of its own. */
const showing =
  (watcher: Watcher, concerns = (_hostId: string) => true) =>
  (seconds: number, fields: Partial<Snapshot>) =>
    watcher.look({ snapshot: snapshot(fields), nowMs: seconds * 1000, concerns });

const withFree = (alias: string, idle: number, fields: Partial<Host> = {}): Host =>
  host(alias, { gpus: [...Array.from({ length: idle }, () => gpu()), busyGpu()], ...fields });

const stale = failed('stale');

describe('free GPUs', () => {
  it('are news on the hosts that have enough, with their number', () => {
    const look = showing(watchFreeGpus(freeRule, false));
    expect(look(0, { hosts: [withFree('a', 2), withFree('b', 1), withFree('c', 3)] })).toEqual([
      {
        kind: 'gpus-free',
        ruleId: 'free',
        counted: 'one-host',
        hosts: [
          { hostId: 'a', gpus: 2 },
          { hostId: 'c', gpus: 3 },
        ],
      },
    ]);
    expect(look(1, { hosts: [withFree('a', 2)] })).toEqual([]);
  });

  it('are counted over all hosts where the rule says so', () => {
    const hosts = [withFree('a', 1), withFree('b', 1)];
    const total = showing(watchFreeGpus({ ...freeRule, counted: 'in-total' }, false));
    expect(total(0, { hosts })).toMatchObject([{ hosts: [{ hostId: 'a' }, { hostId: 'b' }] }]);
    expect(showing(watchFreeGpus(freeRule, false))(0, { hosts })).toEqual([]);
  });

  it('are those of the kind and memory that are asked for; of unknown memory is none', () => {
    const gpus = [
      gpu({ name: 'NVIDIA H100 80GB HBM3', memTotalMiB: 81_559 }),
      gpu({ name: 'NVIDIA A100', memTotalMiB: 40_960 }),
      gpu({ name: 'NVIDIA H100', memTotalMiB: null }),
    ];
    const look = (fields: Partial<Rule<'gpus-free'>>) =>
      showing(watchFreeGpus({ ...freeRule, atLeast: 1, ...fields }, false))(0, {
        hosts: [host('a', { gpus })],
      });
    expect(look({ gpu: 'h100' })).toMatchObject([{ hosts: [{ gpus: 2 }] }]);
    expect(look({ gpu: 'h100', memGiB: 79 })).toMatchObject([{ hosts: [{ gpus: 1 }] }]);
    expect(look({ memGiB: 1 })).toMatchObject([{ hosts: [{ gpus: 2 }] }]);
    expect(look({ memGiB: 80 })).toEqual([]);
  });

  it('are not freed twice by a host that is lost and comes back', () => {
    const look = showing(watchFreeGpus(freeRule, false));
    look(0, { hosts: [withFree('a', 2)] });
    for (let seconds = 1; seconds < 200; seconds += 20)
      expect(look(seconds, { hosts: [withFree('a', 2, { state: stale })] })).toEqual([]);
    expect(look(300, { hosts: [withFree('a', 2)] })).toEqual([]);
  });

  it('are news again once they were taken for a minute', () => {
    const look = showing(watchFreeGpus(freeRule, false));
    look(0, { hosts: [withFree('a', 2)] });
    look(10, { hosts: [withFree('a', 1)] });
    expect(look(20, { hosts: [withFree('a', 2)] })).toEqual([]);
    look(30, { hosts: [withFree('a', 0)] });
    look(90, { hosts: [withFree('a', 0)] });
    expect(look(91, { hosts: [withFree('a', 2)] })).toHaveLength(1);
  });

  it('are no news where they were free at the start, and none on hosts of no concern', () => {
    expect(showing(watchFreeGpus(freeRule, true))(0, { hosts: [withFree('a', 2)] })).toEqual([]);
    const others = showing(watchFreeGpus(freeRule, false), (hostId) => hostId !== 'a');
    expect(others(0, { hosts: [withFree('a', 2)] })).toEqual([]);
  });
});

describe('models', () => {
  const hosts = [host('a'), host('b')];
  const [one, two] = [server('a', 8000, ['org/one']), server('b', 8000, ['org/two', 'org/lora'])];
  const of = (state: ModelServer['state']): ModelServer => ({ ...two, state });

  it('that come after the first look at their host are news, each once', () => {
    const look = showing(watchModels(upRule));
    expect(look(0, { hosts, servers: [one] })).toEqual([]);
    expect(look(1, { hosts, servers: [one, two] })).toEqual([
      {
        kind: 'model-up',
        models: [
          { serverId: 'b:8000', model: 'org/two' },
          { serverId: 'b:8000', model: 'org/lora' },
        ],
      },
    ]);
    expect(look(2, { hosts, servers: [one, two] })).toEqual([]);
  });

  it.each<ModelServer['state']>([
    { kind: 'failed', failure: aFailure('server-timeout') },
    { kind: 'starting' },
  ])('of a server that is $kind have not come yet', (state) => {
    const look = showing(watchModels(upRule));
    look(0, { hosts, servers: [] });
    expect(look(1, { hosts, servers: [of(state)] })).toEqual([]);
    expect(look(2, { hosts, servers: [of({ kind: 'sleeping' })] })).toHaveLength(1);
  });

  it('that are gone for half a minute are news, a restart is none', () => {
    const look = showing(watchModels(goneRule));
    look(0, { hosts, servers: [two] });
    expect(look(1, { hosts, servers: [] })).toEqual([]);
    look(29, { hosts, servers: [two] });
    look(40, { hosts, servers: [] });
    expect(look(69, { hosts, servers: [] })).toEqual([]);
    expect(look(70, { hosts, servers: [] })).toMatchObject([{ kind: 'model-gone', models: [{}, {}] }]);
    expect(look(200, { hosts, servers: [] })).toEqual([]);
  });

  it('of a host that is away are neither gone, nor back with it', () => {
    const away = [host('a'), host('b', { state: stale })];
    const [gone, up] = [showing(watchModels(goneRule)), showing(watchModels(upRule))];
    for (const look of [gone, up]) {
      look(0, { hosts, servers: [two] });
      look(10, { hosts, servers: [] });
      expect(look(20, { hosts: away, servers: [] })).toEqual([]);
      expect(look(500, { hosts: away, servers: [] })).toEqual([]);
      expect(look(501, { hosts, servers: [] })).toEqual([]);
      expect(look(502, { hosts, servers: [two] })).toEqual([]);
    }
  });

  it('are those that the rule names, whatever their case', () => {
    const look = showing(watchModels({ ...upRule, models: ['ORG/t*'] }));
    look(0, { hosts, servers: [] });
    expect(look(1, { hosts, servers: [one, two] })).toEqual([
      { kind: 'model-up', models: [{ serverId: 'b:8000', model: 'org/two' }] },
    ]);
  });
});

describe('a queue', () => {
  const queued = (waiting: number | null, model: string | null = 'org/m') => ({
    servers: [{ ...server('a', 8000, ['org/m']), loads: [{ ...aLoad, model, waiting }] }],
  });

  it('is long when it was longer than the limit all the time', () => {
    const look = showing(watchQueues(queueRule));
    expect(look(0, queued(11))).toEqual([]);
    look(20, queued(10));
    look(21, queued(50));
    expect(look(50, queued(50))).toEqual([]);
    expect(look(51, queued(12))).toEqual([
      { kind: 'queue-long', models: [{ serverId: 'a:8000', model: 'org/m', waiting: 12 }] },
    ]);
    expect(look(500, queued(99))).toEqual([]);
  });

  it('is not long in a time in which its length is unknown, or its server is not listed', () => {
    for (const unknown of [queued(null), { servers: [] }]) {
      const look = showing(watchQueues(queueRule));
      look(0, queued(99));
      look(29, unknown);
      expect(look(31, queued(99))).toEqual([]);
      expect(look(61, queued(99))).toHaveLength(1);
    }
  });

  it('of a server that names no model has no name', () => {
    const look = showing(watchQueues({ ...queueRule, forMs: 0 }));
    expect(look(0, queued(11, null))).toMatchObject([{ models: [{ model: '', waiting: 11 }] }]);
  });
});

describe('a forward', () => {
  const away = { state: { kind: 'retrying', failure: aFailure('connection-lost') } } as const;
  const up = { forwards: [forward('a', 1), forward('b', 2)] };
  const lost = { forwards: [forward('a', 1, away), forward('b', 2, away)] };

  it('that is away for five seconds is lost, and restored when it is back', () => {
    const look = showing(watchForwards());
    look(0, up);
    expect(look(1, lost)).toEqual([]);
    expect(look(6, lost)).toEqual([{ kind: 'forward-lost', forwardIds: ['a:1', 'b:2'] }]);
    expect(look(7, up)).toEqual([{ kind: 'forward-restored', forwardIds: ['a:1', 'b:2'] }]);
  });

  it('that comes back in time, or is stopped while it is away, is neither', () => {
    const look = showing(watchForwards());
    look(0, lost);
    expect(look(4, up)).toEqual([]);
    look(5, lost);
    look(10, lost);
    expect(look(11, { forwards: [] })).toEqual([]);
  });
});

describe('a host', () => {
  const up = { hosts: [host('a')] };
  const lost = { hosts: [host('a', { state: stale })] };

  it('that does not answer for a minute is lost, and back when it answers', () => {
    const look = showing(watchHosts());
    look(0, up);
    look(1, lost);
    expect(look(60, lost)).toEqual([]);
    expect(look(61, lost)).toEqual([{ kind: 'host-lost', hostIds: ['a'] }]);
    expect(look(62, up)).toEqual([{ kind: 'host-back', hostIds: ['a'] }]);
  });

  it('stays as it was while it is tried again', () => {
    const look = showing(watchHosts());
    look(0, up);
    look(1, lost);
    look(61, lost);
    expect(look(62, { hosts: [host('a', { state: { kind: 'connecting', step: 'connect' } })] })).toEqual([]);
    expect(look(63, { hosts: [host('a', { state: { kind: 'queued' } })] })).toEqual([]);
    expect(look(64, lost)).toEqual([]);
  });

  it('that has never answered is not lost', () => {
    const look = showing(watchHosts());
    const never = { hosts: [host('a', { state: failed('unreachable') })] };
    look(0, never);
    expect(look(100, never)).toEqual([]);
  });
});
