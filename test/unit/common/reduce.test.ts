import { describe, expect, it } from 'vitest';
import { type Event, reduce } from '#common/reduce.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { aheadMs } from '../../support/samples.ts';
import { host, launch, server, snapshot } from '../../support/snapshot.ts';

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

  it('changes the host that is meant, also where another one stands in its place by now', () => {
    const before = snapshot({ hosts: [host('a'), host('b')] });
    const changed = host('b', { measuredAt: 7 });
    for (const at of [undefined, 0, 1, 9])
      expect(
        reduce(before, { kind: 'host-changed', host: changed, ...(at !== undefined && { at }) }).hosts,
      ).toEqual([before.hosts[0], changed]);
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
