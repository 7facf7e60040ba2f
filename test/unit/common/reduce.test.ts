import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostState } from '#common/hosts.ts';
import { applyPatch, diff, type Event, reduce } from '#common/reduce.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { aheadMs, aProcess } from '../../support/samples.ts';
import { failed, forward, gpu, host, launch, server, snapshot } from '../../support/snapshot.ts';

const aliases = ['a', 'b', 'c', '__proto__', 'constructor'] as const;

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.subarray([...aliases]).map(
    (list): Event => ({
      kind: 'hosts-listed',
      excludedAliases: [],
      hosts: list.map((alias) => host(alias, { state: { kind: 'unresolved' } })),
      problems: [],
    }),
  ),
  fc
    .record({
      alias: fc.constantFrom(...aliases),
      measuredAt: fc.nat(3),
      state: fc.constantFrom<HostState>({ kind: 'up' }, failed(), failed('stale')),
      loads: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
    })
    .map(({ alias, loads, ...fields }): Event => {
      const gpus = loads.map((utilPct, index) =>
        gpu({ index, uuid: `GPU-${index}`, utilPct, processes: utilPct === 0 ? [] : [aProcess] }),
      );
      return { kind: 'host-changed', host: host(alias, { gpus, ...fields }) };
    }),
  fc
    .record({ alias: fc.constantFrom(...aliases), ports: fc.uniqueArray(fc.integer({ min: 1, max: 9 })) })
    .map(
      ({ alias, ports }): Event => ({
        kind: 'servers-found',
        hostId: alias,
        servers: ports.map((port) => server(alias, port, ['m'])),
      }),
    ),
  fc
    .record({ alias: fc.constantFrom(...aliases), port: fc.integer({ min: 1, max: 9 }), localPort: fc.nat() })
    .map(
      ({ alias, port, localPort }): Event => ({
        kind: 'forward-changed',
        forward: forward(alias, port, { localPort }),
      }),
    ),
  fc
    .record({
      alias: fc.constantFrom(...aliases),
      names: fc.uniqueArray(fc.constantFrom('a', 'b', '__proto__')),
      pct: fc.option(fc.nat(100)),
    })
    .map(
      ({ alias, names, pct }): Event => ({
        kind: 'launches-found',
        hostId: alias,
        launches: names.map((name) => launch(alias, name, { stage: { kind: 'load', pct } })),
      }),
    ),
  fc.constantFrom(...aliases).map((alias): Event => ({ kind: 'forward-closed', forwardId: `${alias}:1` })),
  fc
    .nat()
    .map(
      (done): Event => ({ kind: 'scan-changed', scan: { kind: 'running', done, total: 9, startedAt: 1 } }),
    ),
);

describe('a patch', () => {
  it('carries a receiver to exactly the next Snapshot, whatever happened between', () => {
    fc.assert(
      fc.property(fc.array(fc.array(event, { maxLength: 6 }), { maxLength: 8 }), (steps) => {
        let published = snapshot();
        let received: Snapshot = JSON.parse(JSON.stringify(published));
        for (const events of steps) {
          const next = events.reduce(reduce, published);
          const patch = diff(published, next);
          if (patch === null) {
            expect({ ...next, revision: 0 }).toEqual({ ...published, revision: 0 });
            continue;
          }
          published = { ...next, revision: patch.revision };
          const applied = applyPatch(received, JSON.parse(JSON.stringify(patch)));
          if (applied === 'gap') throw new Error('gap without a missed patch');
          received = applied;
          expect(received).toEqual(published);
        }
      }),
    );
  });

  it('is not applied after a missed one, and an old one changes nothing', () => {
    const before = snapshot({ hosts: [host('a')] });
    const after = reduce(before, { kind: 'host-changed', host: host('a', { measuredAt: 2 }) });
    const patch = diff(before, after);
    if (patch === null) throw new Error('no patch');
    expect(applyPatch(before, { ...patch, revision: 2 })).toBe('gap');
    const current = { ...after, revision: 5 };
    expect(applyPatch(current, patch)).toBe(current);
  });

  it('holds only what changed of the hosts that did, and no order when none came or went', () => {
    const before = snapshot({ hosts: [host('a'), host('b'), host('c')] });
    const after = reduce(before, { kind: 'host-changed', host: host('b', { measuredAt: 2 }) });
    expect(diff(before, after)).toEqual({
      revision: 1,
      hosts: { added: [], steps: [['b', { in: { measuredAt: 2 } }]], order: null },
    });
  });

  it('holds whole hosts where they are new', () => {
    const before = snapshot({ hosts: [host('a')] });
    const listed = [host('b'), host('a')];
    const after = reduce(before, { kind: 'hosts-listed', hosts: listed, excludedAliases: [], problems: [] });
    expect(
      diff(before, { ...after, problems: before.problems, excludedAliases: before.excludedAliases }),
    ).toEqual({
      revision: 1,
      hosts: { added: [host('b')], order: ['b', 'a'] },
    });
  });

  it('does not exist when nothing changed', () => {
    const same = snapshot({ hosts: [host('a')] });
    expect(diff(same, { ...same })).toBeNull();
    expect(diff(same, { ...same, hosts: [host('a')] })).toBeNull();
  });
});

describe('reduce', () => {
  it('keeps what was learnt of a host when the configuration is read again, in the new order', () => {
    const before = snapshot({
      hosts: [host('a', { measuredAt: 7 }), host('gone')],
      servers: [server('gone', 1, ['m'])],
    });
    const after = reduce(before, {
      kind: 'hosts-listed',
      excludedAliases: [],
      hosts: [host('new'), host('a', { measuredAt: null })],
      problems: [],
    });
    expect(after.hosts.map((each) => [each.alias, each.measuredAt])).toEqual([
      ['new', aheadMs],
      ['a', 7],
    ]);
    expect(after.servers).toEqual([]);
  });

  it('takes the group of a known host from the configuration', () => {
    const before = snapshot({ hosts: [host('a', { measuredAt: 7 }), host('b')] });
    const hosts = [host('a', { group: 'train' }), host('b')];
    const after = reduce(before, { kind: 'hosts-listed', hosts, excludedAliases: [], problems: [] });
    expect(after.hosts[0]).toEqual({ ...before.hosts[0], group: 'train' });
    expect(after.hosts[1]).toBe(before.hosts[1]);
  });

  it('sorts servers by host in configuration order, then by port', () => {
    let state = snapshot({ hosts: [host('b'), host('a')] });
    state = reduce(state, {
      kind: 'servers-found',
      hostId: 'a',
      servers: [server('a', 8001, ['x']), server('a', 8000, ['y'])],
    });
    state = reduce(state, { kind: 'servers-found', hostId: 'b', servers: [server('b', 9000, ['z'])] });
    expect(state.servers.map((each) => each.id)).toEqual(['b:9000', 'a:8000', 'a:8001']);
    const listed = [host('a'), host('b')];
    state = reduce(state, { kind: 'hosts-listed', hosts: listed, excludedAliases: [], problems: [] });
    expect(state.servers.map((each) => each.id)).toEqual(['a:8000', 'a:8001', 'b:9000']);
  });

  it('puts the servers of a host in the place of those before, and leaves the others', () => {
    const before = snapshot({
      hosts: [host('a'), host('b'), host('c')],
      servers: [server('a', 1, ['x']), server('b', 1, ['x']), server('b', 2, ['x']), server('c', 1, ['x'])],
    });
    const found = [server('b', 1, ['y']), server('b', 2, ['z'])];
    const after = reduce(before, { kind: 'servers-found', hostId: 'b', servers: found });
    expect(after.servers).toEqual([before.servers[0], ...found, before.servers[3]]);
    const one = reduce(after, { kind: 'servers-found', hostId: 'b', servers: found.slice(1) });
    expect(one.servers.map(({ id }) => id)).toEqual(['a:1', 'b:2', 'c:1']);
  });
});

describe('launches', () => {
  it('replace those of their host, in order, and go with it', () => {
    const found = (hostId: string, ...names: string[]): Event => ({
      kind: 'launches-found',
      hostId,
      launches: names.map((name) => launch(hostId, name)),
    });
    const ids = (now: Snapshot) => now.launches.map(({ id }) => id);
    const both = [found('b', 'y', 'x'), found('a', 'z')].reduce(reduce, snapshot());
    expect(ids(both)).toEqual(['a/z', 'b/x', 'b/y']);
    expect(ids(reduce(both, found('b', 'y')))).toEqual(['a/z', 'b/y']);
    const listed: Event = { kind: 'hosts-listed', excludedAliases: [], problems: [], hosts: [host('a')] };
    expect(ids(reduce(both, listed))).toEqual(['a/z']);
  });
});
