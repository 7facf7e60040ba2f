import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Host } from '#common/hosts.ts';
import type { Notice } from '#common/notices.ts';
import { emptySnapshot } from '#common/reduce.ts';
import type { ModelServer } from '#common/servers.ts';
import { defaultSettings, type NotificationRule, type SettingsChange } from '#common/settings.ts';
import { noticeText } from '#common/words/notices.ts';
import { createNotices } from '#engine/notices/notices.ts';
import { createStore } from '#engine/store.ts';
import { aFreeRule } from '../../../support/samples.ts';
import { busyGpu, failed, forward, gpu, host, server } from '../../../support/snapshot.ts';

const gpusFree: NotificationRule = { ...aFreeRule, atLeast: 2, counted: 'in-total' };
const modelUp: NotificationRule = { id: 'up', kind: 'model-up', enabled: true, hosts: [], models: [] };
const modelGone: NotificationRule = { ...modelUp, id: 'gone', kind: 'model-gone' };
const queueLong: NotificationRule = {
  id: 'queue',
  kind: 'queue-long',
  enabled: true,
  hosts: [],
  models: [],
  over: 10,
  forMs: 30_000,
};
const modelStuck: NotificationRule = { ...modelUp, id: 'stuck', kind: 'model-stuck' };
const forwardRule: NotificationRule = { id: 'forward', kind: 'forward', enabled: true, hosts: [] };
const hostRule: NotificationRule = { id: 'host', kind: 'host', enabled: true, hosts: [] };

const free = (alias: string, idle: number, busy = 0): Host =>
  host(alias, {
    gpus: [
      ...Array.from({ length: idle }, (_, index) => gpu({ uuid: `i${index}` })),
      ...Array.from({ length: busy }, (_, index) => busyGpu({ uuid: `b${index}` })),
    ],
  });

/** A cluster, an engine's store around it, and a clock of our own. */
function open(hosts: readonly Host[], rules: readonly NotificationRule[]) {
  const settings = {
    ...defaultSettings,
    notifications: { enabled: true, rules: [...rules], mutedHosts: [] },
  };
  const store = createStore(emptySnapshot({ kind: 'demo' }, settings));
  store.apply({ kind: 'hosts-listed', hosts, excludedAliases: [], problems: [] });
  const changes: SettingsChange[] = [];
  const change = async (given: SettingsChange): Promise<void> => {
    changes.push(given);
    store.apply({
      kind: 'parts-changed',
      parts: { settings: { ...store.current().settings, ...given } as never },
    });
  };
  const notices = createNotices({ store, log: () => undefined, changeSettings: change });
  stop = () => {
    notices.dispose();
    store.dispose();
  };
  notices.start();
  const told: () => readonly Notice[] = () => store.current().notices;
  return {
    store,
    change,
    changes,
    told,
    kinds: () => told().map(({ kind }) => kind),
    scanEnds: () =>
      store.apply({
        kind: 'scan-changed',
        scan: { kind: 'done', done: 1, total: 1, startedAt: 0, finishedAt: 1 },
      }),
    set: (changed: Host) => store.apply({ kind: 'host-changed', host: changed }),
    serve: (hostId: string, servers: readonly ModelServer[]) =>
      store.apply({ kind: 'servers-found', hostId, servers }),
    pass: (ms: number) => vi.advanceTimersByTime(ms),
  };
}

let stop = (): void => undefined;
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('free GPUs', () => {
  it('are told when enough become free, once, and again only after they were taken for a while', () => {
    const { scanEnds, set, pass, told, kinds } = open([free('a', 1, 1), free('b', 0, 2)], [gpusFree]);
    pass(5000);
    scanEnds();
    pass(5000);
    expect(told()).toEqual([]);
    set(free('b', 1, 1));
    pass(5000);
    expect(told()).toMatchObject([
      {
        kind: 'gpus-free',
        ruleId: 'free',
        hosts: [
          { hostId: 'a', gpus: 1 },
          { hostId: 'b', gpus: 1 },
        ],
      },
    ]);
    // Flapping is not news.
    for (let round = 0; round < 10; round += 1) {
      set(free('b', 0, 2));
      pass(3000);
      set(free('b', 1, 1));
      pass(3000);
    }
    expect(kinds()).toEqual(['gpus-free']);
    set(free('b', 0, 2));
    pass(61_000);
    set(free('b', 2, 0));
    pass(5000);
    expect(kinds()).toEqual(['gpus-free', 'gpus-free']);
  });

  it('that were free at the start are no news, but are when somebody has just asked for them', () => {
    const { scanEnds, change, pass, kinds } = open([free('a', 4)], [gpusFree]);
    scanEnds();
    pass(10_000);
    expect(kinds()).toEqual([]);
    void change({
      notifications: { enabled: true, mutedHosts: [], rules: [gpusFree, { ...gpusFree, id: 'new' }] },
    });
    pass(10_000);
    expect(kinds()).toEqual(['gpus-free']);
  });

  it('are told to who asks while the first scan still runs, when it has ended', () => {
    const { scanEnds, change, pass, told } = open([free('a', 4)], [gpusFree]);
    pass(3000);
    // As settings come back from their schema: the fields in another order.
    const again = Object.fromEntries(Object.entries(gpusFree).reverse()) as typeof gpusFree;
    void change({
      notifications: { enabled: true, mutedHosts: [], rules: [again, { ...gpusFree, id: 'new' }] },
    });
    scanEnds();
    pass(10_000);
    expect(told()).toMatchObject([{ kind: 'gpus-free', ruleId: 'new' }]);
  });

  it('count only where the rule says: hosts, kind, memory; never on muted hosts', () => {
    const h100 = (alias: string) => host(alias, { gpus: [gpu(), gpu({ uuid: '2' })] });
    const old = host('old', { gpus: [gpu({ name: 'Tesla T4', memTotalMiB: 15_360 }), gpu({ uuid: '2' })] });
    const narrow: NotificationRule = { ...gpusFree, hosts: ['gpu*'], gpu: 'h100', memGiB: 70 };
    const { scanEnds, set, pass, change, told } = open([free('gpu1', 0, 2), free('x', 0, 2), old], [narrow]);
    scanEnds();
    pass(3000);
    set(h100('x'));
    set(h100('old'));
    pass(5000);
    expect(told()).toEqual([]);
    void change({ notifications: { enabled: true, rules: [narrow], mutedHosts: ['gpu1'] } });
    set(h100('gpu1'));
    pass(5000);
    expect(told()).toEqual([]);
    void change({ notifications: { enabled: true, rules: [narrow], mutedHosts: [] } });
    pass(5000);
    expect(told()).toMatchObject([{ hosts: [{ hostId: 'gpu1', gpus: 2 }] }]);
  });

  it('are enough only on one host, unless the rule counts in total', () => {
    const eight = { ...gpusFree, atLeast: 8, counted: 'one-host' } as const;
    const inTotal = { ...eight, id: 'total', counted: 'in-total' } as const;
    const { store, scanEnds, set, pass, told } = open(
      [free('a', 0), free('b', 0), free('c', 0)],
      [eight, inTotal],
    );
    const titles = (language: 'en' | 'ru') =>
      told().map((notice) => {
        const { title, body } = noticeText(notice, store.current(), language);
        return `${title}: ${body}`;
      });
    scanEnds();
    pass(3000);
    for (const [alias, idle] of Object.entries({ a: 3, b: 4, c: 1 })) set(free(alias, idle));
    pass(5000);
    expect(titles('en')).toEqual(['8 GPUs free in total: 3 on a, 4 on b, 1 on c']);
    set(free('b', 9));
    pass(5000);
    expect(titles('en').slice(1)).toEqual(['9 GPUs free on b: 9 on b']);
    expect(titles('ru')).toEqual([
      'Свободно всего 8\u00a0GPU: 3 на a, 4 на b, 1 на c',
      'Свободно 9\u00a0GPU на b: 9 на b',
    ]);
    set(free('b', 0));
    pass(61_000);
    set(free('a', 8));
    set(free('b', 10));
    pass(5000);
    expect(titles('en')).toContain('Enough GPUs free on each of 2 hosts: 8 on a, 10 on b');
  });

  it('asked for once switch their rule off when they were told', () => {
    const { scanEnds, set, pass, kinds, changes } = open([free('a', 0, 2)], [{ ...gpusFree, once: true }]);
    scanEnds();
    pass(3000);
    set(free('a', 2));
    pass(5000);
    expect(kinds()).toEqual(['gpus-free']);
    expect(changes).toMatchObject([{ notifications: { rules: [{ id: 'free', enabled: false }] } }]);
    set(free('a', 0, 2));
    pass(120_000);
    set(free('a', 2));
    pass(5000);
    expect(kinds()).toEqual(['gpus-free']);
  });
});

describe('models', () => {
  const up = (alias: string) => host(alias);

  it('that come and go are told, those of a host that was away are not', () => {
    const { scanEnds, set, serve, pass, told, kinds } = open([up('a')], [modelUp, modelGone]);
    serve('a', [server('a', 8000, ['old'])]);
    scanEnds();
    pass(3000);
    serve('a', [server('a', 8000, ['old', 'new'])]);
    pass(5000);
    expect(told()).toMatchObject([{ kind: 'model-up', models: [{ serverId: 'a:8000', model: 'new' }] }]);

    set({ ...up('a'), state: failed('unreachable') });
    serve('a', []);
    pass(300_000);
    set(up('a'));
    serve('a', [server('a', 8000, ['old', 'new'])]);
    pass(60_000);
    expect(kinds()).toEqual(['model-up']);

    serve('a', [server('a', 8000, ['old'])]);
    pass(10_000);
    expect(kinds()).toEqual(['model-up']);
    pass(30_000);
    expect(told().at(-1)).toMatchObject({ kind: 'model-gone', models: [{ model: 'new' }] });
  });

  it('that come together are one notice, also where two rules watch for them', () => {
    const { scanEnds, serve, pass, told } = open([up('a'), up('b')], [modelUp, { ...modelUp, id: 'second' }]);
    scanEnds();
    pass(3000);
    serve('a', [server('a', 8000, ['x'])]);
    pass(1000);
    serve('b', [server('b', 8000, ['y', 'z'])]);
    pass(5000);
    expect(told()).toHaveLength(1);
    expect(told()).toMatchObject([
      { kind: 'model-up', models: [{ model: 'x' }, { model: 'y' }, { model: 'z' }] },
    ]);
  });
});

describe('a queue', () => {
  const queued = (waiting: number | null): ModelServer => ({
    ...server('a', 8000, ['m']),
    loads: [{ model: 'm', waiting } as never],
  });

  it('is told after it was long for the time of the rule, and again only after it was short for a while', () => {
    const { scanEnds, serve, pass, told, kinds } = open([host('a')], [queueLong]);
    scanEnds();
    serve('a', [queued(50)]);
    pass(20_000);
    serve('a', [queued(3)]);
    pass(2000);
    serve('a', [queued(50)]);
    pass(29_000);
    expect(told()).toEqual([]);
    pass(10_000);
    expect(told()).toMatchObject([{ kind: 'queue-long', models: [{ model: 'm', waiting: 50 }] }]);
    for (const waiting of [5, 60, null, 60]) {
      serve('a', [queued(waiting)]);
      pass(40_000);
    }
    expect(kinds()).toEqual(['queue-long']);
  });
});

describe('a model that is stuck', () => {
  it('is told once, and again only after it has worked for a while', () => {
    const stuck: ModelServer = {
      ...server('a', 8000, ['m']),
      state: { kind: 'stuck', why: 'no-progress', since: 1 },
    };
    const up = server('a', 8000, ['m']);
    const { scanEnds, serve, set, pass, told, kinds } = open([host('a')], [modelStuck]);
    scanEnds();
    serve('a', [up]);
    pass(5000);
    expect(told()).toEqual([]);
    serve('a', [stuck]);
    pass(5000);
    expect(told()).toMatchObject([{ kind: 'model-stuck', models: [{ serverId: stuck.id, model: 'm' }] }]);
    set(host('a', { state: failed('stale') }));
    pass(60_000);
    set(host('a'));
    serve('a', [up]);
    pass(20_000);
    serve('a', [stuck]);
    pass(60_000);
    expect(kinds()).toEqual(['model-stuck']);
    serve('a', [up]);
    pass(40_000);
    serve('a', [stuck]);
    pass(5000);
    expect(kinds()).toEqual(['model-stuck', 'model-stuck']);
  });
});

describe('what is unknown', () => {
  it('neither begins nor ends a condition: a host that is lost frees nothing twice', () => {
    const rule = { ...gpusFree, atLeast: 4, counted: 'one-host' } as const;
    const { scanEnds, set, pass, kinds } = open([free('a', 0, 4)], [rule]);
    scanEnds();
    pass(3000);
    set(free('a', 4));
    pass(5000);
    set({ ...free('a', 4), state: failed('stale') });
    pass(300_000);
    set(free('a', 4));
    pass(5000);
    expect(kinds()).toEqual(['gpus-free']);
    set(free('a', 0, 4));
    pass(61_000);
    set(free('a', 4));
    pass(5000);
    expect(kinds()).toEqual(['gpus-free', 'gpus-free']);
  });

  it('is no time in which a queue was long', () => {
    const busy = { ...server('a', 8000, ['m']), loads: [{ model: 'm', waiting: 50 } as never] };
    const { scanEnds, serve, set, pass, told } = open([host('a')], [queueLong]);
    scanEnds();
    serve('a', [busy]);
    pass(20_000);
    set(host('a', { state: failed('stale') }));
    pass(60_000);
    set(host('a'));
    serve('a', [{ ...busy }]);
    pass(25_000);
    expect(told()).toEqual([]);
    pass(10_000);
    expect(told()).toMatchObject([{ kind: 'queue-long' }]);
  });
});

describe('forwards and hosts', () => {
  it('a forward that is lost for a moment is no news; one that stays lost is, and its return', () => {
    const { store, scanEnds, pass, kinds } = open([host('a')], [forwardRule]);
    const become = (state: 'listening' | 'retrying') =>
      store.apply({
        kind: 'forward-changed',
        forward: forward('a', 8000, {
          state: state === 'listening' ? { kind: state } : { ...failed('unreachable'), kind: state },
        } as never),
      });
    become('listening');
    scanEnds();
    become('retrying');
    pass(3000);
    become('listening');
    pass(10_000);
    expect(kinds()).toEqual([]);
    become('retrying');
    pass(10_000);
    expect(kinds()).toEqual(['forward-lost']);
    become('listening');
    pass(5000);
    expect(kinds()).toEqual(['forward-lost', 'forward-restored']);
  });

  it('hosts that come back together are one notice; a host that never answered is none', () => {
    const [a, b, never] = [host('a'), host('b'), host('never', { state: failed('unreachable') })];
    const { scanEnds, set, pass, told, kinds } = open([a, b, never], [hostRule]);
    scanEnds();
    pass(2000);
    set({ ...a, state: failed('stale') });
    set({ ...b, state: failed('stale') });
    pass(65_000);
    set({ ...a, state: { kind: 'connecting', step: 'connect' } });
    pass(5000);
    set(a);
    set(b);
    pass(5000);
    expect(kinds()).toEqual(['host-lost', 'host-back']);
    expect(told()[1]).toMatchObject({ hostIds: ['a', 'b'] });
  });
});

it('tells nothing while the notifications are switched off', () => {
  const { scanEnds, set, pass, change, told } = open([free('a', 0, 2)], [gpusFree]);
  scanEnds();
  void change({ notifications: { enabled: false, rules: [gpusFree], mutedHosts: [] } });
  pass(3000);
  set(free('a', 2));
  pass(10_000);
  expect(told()).toEqual([]);
});

it('is worded in both languages, bounded whatever a host sends', () => {
  const { store } = open([], []);
  const snapshot = store.current();
  const hosts = Array.from({ length: 9 }, (_, n) => ({ hostId: `gpu${n}`, gpus: 2 }));
  const notice: Notice = { id: '1', at: 1, kind: 'gpus-free', ruleId: 'r', counted: 'in-total', hosts };
  expect(noticeText(notice, snapshot, 'en')).toEqual({
    title: '18 GPUs free in total',
    body: '2 on gpu0, 2 on gpu1, 2 on gpu2, 2 on gpu3 and 5 more',
  });
  expect(noticeText(notice, snapshot, 'ru')).toEqual({
    title: 'Свободно всего 18\u00a0GPU',
    body: '2 на gpu0, 2 на gpu1, 2 на gpu2, 2 на gpu3 и ещё 5',
  });
  const models = [{ serverId: 'a:8000', model: `${'x'.repeat(100_000)}\u202e<b>\u0007` }];
  const hostile: Notice = { id: '2', at: 1, kind: 'model-up', models };
  for (const language of ['en', 'ru'] as const) {
    const { title, body } = noticeText(hostile, snapshot, language);
    expect(title.length + body.length).toBeLessThan(600);
    expect(body).not.toMatch(/[\u0000-\u001f\u202e]/);
  }
});
