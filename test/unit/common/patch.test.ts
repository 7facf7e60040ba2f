import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostState } from '#common/hosts.ts';
import { applyPatch, diff } from '#common/patch.ts';
import { type Event, reduce } from '#common/reduce.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { aProcess } from '../../support/samples.ts';
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
