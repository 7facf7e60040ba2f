import { describe, expect, it } from 'vitest';
import { canForward } from '#common/select/forwards.ts';
import { gpuCondition } from '#common/select/gpus.ts';
import { groupNames, hostGroups, hostSummary, hostsByIdleFirst } from '#common/select/hosts.ts';
import { modelRows } from '#common/select/servers.ts';
import { headline } from '#common/words/states.ts';
import { aProcess } from '../../support/samples.ts';
import { busyGpu, failed, forward, gpu, host, idleRule, server, snapshot } from '../../support/snapshot.ts';

const process = { ...aProcess, user: 'alice' };

describe('the condition of a GPU', () => {
  it.each([
    ['low load, little memory', gpu(), 'idle'],
    ['load above the rule', gpu({ utilPct: 6, idleStreak: 0 }), 'busy'],
    ['memory above both limits', gpu({ memUsedMiB: 2000, idleStreak: 0 }), 'busy'],
    ['a compute process', gpu({ processes: [process], idleStreak: 0 }), 'busy'],
    ['idle just now, busy a sample ago', gpu({ samples: 2, idleStreak: 1 }), 'busy'],
    ['idle in the only sample there is', gpu({ samples: 1, idleStreak: 1 }), 'idle'],
    ['MIG, which has no load', gpu({ utilPct: null }), 'idle'],
    ['neither load nor memory known', gpu({ utilPct: null, memUsedMiB: null, idleStreak: 0 }), 'unknown'],
    ['in error', gpu({ problem: 'GPU requires reset' }), 'problem'],
  ] as const)('%s', (_title, sample, expected) => {
    expect(gpuCondition(sample, idleRule)).toBe(expected);
  });
});

it('says who is on a host by processes and jobs, each once', () => {
  const job = { user: null, job: null, pod: null };
  const gpus = [
    gpu({ processes: [process] }),
    gpu({ job: { ...job, user: 'alice', job: '1' } }),
    gpu({ job: { ...job, user: 'ada', pod: 'ml/a' } }),
    gpu({ job: { ...job, job: '4711', pod: 'ml/train' } }),
    gpu({ job: { ...job, job: '4712' } }),
    gpu({ job }),
  ];
  expect(hostSummary(host('a', { gpus }), idleRule).users).toEqual(['alice', 'ada', 'ml/train', '#4712']);
});

describe('the groups of hosts', () => {
  const hosts = [
    host('b1', { group: 'b', gpus: [gpu(), busyGpu({ uuid: 'GPU-1' })] }),
    host('alone', { gpus: [gpu()] }),
    host('a1', { group: 'a', gpus: [gpu()] }),
    host('b2', { group: 'b', gpus: [gpu()], state: failed('stale') }),
  ];

  it('stand in the order of the configuration, count who answers, and the others come last', () => {
    const names = groupNames(hosts);
    expect(names).toEqual(['b', 'a']);
    const groups = hostGroups([...hosts].reverse(), { names, rule: idleRule });
    expect(
      groups.map(({ name, hosts: members, ...rest }) => [name, members.map(({ id }) => id), rest]),
    ).toEqual([
      ['b', ['b2', 'b1'], { idle: 1, total: 2 }],
      ['a', ['a1'], { idle: 1, total: 1 }],
      [null, ['alone'], { idle: 1, total: 1 }],
    ]);
  });

  it('are none where no host has one, or none of these hosts', () => {
    expect(hostGroups([host('x')], { names: [], rule: idleRule })).toEqual([]);
    expect(hostGroups([], { names: ['a'], rule: idleRule })).toEqual([]);
  });
});

describe('the headline', () => {
  const cluster = snapshot({
    hosts: [
      host('full', { gpus: [busyGpu(), busyGpu()] }),
      host('free', { gpus: [gpu(), busyGpu()] }),
      host('down', { state: failed(), gpus: [] }),
      host('stale', { state: failed('stale'), gpus: [gpu()] }),
    ],
    servers: [server('full', 8000, ['llama', 'adapter'])],
    forwards: [forward('full', 8000)],
  });

  it('counts only hosts that answer now', () => {
    expect(headline(cluster, 'en')).toBe('1 idle of 4 GPUs · 2 of 4 hosts · 2 models · 1 forward');
    expect(headline(cluster, 'ru')).toBe(
      'Свободно 1\u00a0из 4\u00a0GPU · на связи 2\u00a0из 4\u00a0хостов · 2\u00a0модели · 1\u00a0проброс',
    );
  });

  it('groups the digits of all its numbers', () => {
    const hosts = Array.from({ length: 1200 }, (_, n) => host(`h${n}`, { gpus: [gpu()] }));
    expect(headline(snapshot({ hosts }), 'en')).toBe(
      '1,200 idle of 1,200 GPUs · 1,200 of 1,200 hosts · 0 models · 0 forwards',
    );
  });

  it('never counts a GPU as idle whose host is away', () => {
    const stale = cluster.hosts.find((each) => each.alias === 'stale');
    expect(stale && hostSummary(stale, idleRule).idle).toBe(0);
  });

  it('puts the host with most idle GPUs first and those without an answer last, in their order', () => {
    expect(hostsByIdleFirst(cluster).map((each) => each.alias)).toEqual(['free', 'full', 'down', 'stale']);
  });
});

describe('the summary of a host', () => {
  it('says unknown where no GPU says it, and means over those that do', () => {
    const summary = hostSummary(
      host('a', {
        gpus: [
          gpu({ utilPct: null, memUsedMiB: null }),
          busyGpu({ utilPct: 50, processes: [process, process] }),
        ],
      }),
      idleRule,
    );
    expect(summary).toMatchObject({
      meanUtilPct: 50,
      memUsedMiB: 70_000,
      memTotalMiB: 163_118,
      users: ['alice'],
    });
    expect(hostSummary(host('b'), idleRule)).toMatchObject({ meanUtilPct: null, memUsedMiB: null, total: 0 });
  });
});

describe('model rows', () => {
  it('list adapters under their base model, with the forward of their server', () => {
    const base = server('a', 8000, ['adapter', 'base', 'other']);
    const models = base.models.map((model) =>
      model.id === 'adapter' ? { ...model, parent: 'base' } : model,
    );
    const rows = modelRows(
      snapshot({ hosts: [host('a')], servers: [{ ...base, models }], forwards: [forward('a', 8000)] }),
    );
    expect(rows.map((row) => [row.model?.id, row.forward?.localPort])).toEqual([
      ['base', 16_100],
      ['adapter', 16_100],
      ['other', 16_100],
    ]);
    expect(new Set(rows.map((row) => row.key)).size).toBe(3);
  });

  it('keep a server without models, and lose no model whose parent is missing or itself', () => {
    const odd = server('a', 1, ['self', 'orphan']);
    const models = odd.models.map((model) => ({
      ...model,
      parent: model.id === 'self' ? 'self' : 'nowhere',
    }));
    const rows = modelRows(
      snapshot({
        hosts: [host('a')],
        servers: [
          { ...odd, models },
          { ...server('a', 2, []), state: { kind: 'locked' } },
        ],
      }),
    );
    expect(rows.map((row) => row.model?.id ?? null)).toEqual(['self', 'orphan', null]);
  });

  it('cannot be forwarded from a host that prohibits it', () => {
    const prohibiting = host('a', { forwarding: 'prohibited' });
    expect(canForward(prohibiting, server('a', 1, ['m']))).toEqual({
      ok: false,
      why: 'forwarding-prohibited',
    });
    const lost = { ...server('a', 1, ['m']), state: { kind: 'lost', what: 'host', since: 1 } } as const;
    expect(canForward(host('a'), lost)).toEqual({ ok: false, why: 'host-lost' });
    expect(canForward(host('a'), server('a', 1, ['m']))).toEqual({ ok: true });
  });
});
