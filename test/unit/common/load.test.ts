import { describe, expect, it } from 'vitest';
import { canForward } from '#common/select/forwards.ts';
import { isBusy, leastBusy } from '#common/select/load.ts';
import { modelRows } from '#common/select/servers.ts';
import type { ModelLoad, ModelServer } from '#common/servers.ts';
import { aLoad, aServer } from '../../support/samples.ts';
import { host, snapshot } from '../../support/snapshot.ts';

const up = { kind: 'up' } as const;
const load = (change: Partial<ModelLoad> = {}): ModelLoad => ({
  ...aLoad,
  running: 0,
  kvCachePct: 0,
  ...change,
});

describe('a model is busy', () => {
  it.each([
    ['while a request waits', up, load({ waiting: 1 }), true],
    ['while its KV cache is nearly full', up, load({ kvCachePct: 90 }), true],
    ['not while it only runs requests', up, load({ running: 200, kvCachePct: 89 }), false],
    ['not while nothing is known', up, load({ waiting: null, kvCachePct: null }), false],
    ['not without metrics', up, null, false],
    [
      'not while it is stuck',
      { kind: 'stuck', why: 'no-progress', since: 0 } as const,
      load({ waiting: 3 }),
      false,
    ],
    ['not while its server starts', { kind: 'starting' } as const, load({ waiting: 3 }), false],
  ] as const)('%s', (_title, state, given, expected) => {
    expect(isBusy(state, given)).toBe(expected);
  });
});

describe('the least busy of servers', () => {
  const one = (hostId: string, change: Partial<ModelLoad> | null, more: Partial<ModelServer> = {}) => ({
    ...aServer,
    id: `${hostId}:8000`,
    hostId,
    loads: change === null ? [] : [load(change)],
    ...more,
  });
  const best = (...servers: readonly ModelServer[]) => {
    const hosts = servers.map(({ hostId }) =>
      host(hostId, hostId === 'shut' ? { forwarding: 'prohibited' } : {}),
    );
    const rows = modelRows(snapshot({ hosts, servers })).map((row) => {
      const permission = canForward(row.host, row.server);
      return { ...row, why: permission.ok ? null : permission.why };
    });
    return leastBusy(rows)?.server.hostId;
  };

  it('has the least requests, running and waiting', () => {
    expect(
      best(one('a', { running: 3 }), one('b', { running: 1, waiting: 1 }), one('c', { waiting: 4 })),
    ).toBe('b');
  });

  it('has the emptiest KV cache among equals, then comes first', () => {
    expect(
      best(one('a', { kvCachePct: 40 }), one('b', { kvCachePct: 20 }), one('c', { kvCachePct: null })),
    ).toBe('b');
    expect(best(one('a', {}), one('b', {}))).toBe('a');
  });

  it('is one whose load is known before one whose load is not', () => {
    expect(best(one('a', null), one('b', { running: 50 }))).toBe('b');
    expect(best(one('a', null))).toBe('a');
  });

  it.each(['starting', 'sleeping', 'locked'] as const)('is never %s', (kind) => {
    expect(best(one('a', {}, { state: { kind } }), one('b', { running: 9 }))).toBe('b');
    expect(best(one('a', {}, { state: { kind } }))).toBeUndefined();
  });

  it('is never lost, nor on a host that prohibits forwards', () => {
    expect(best(one('a', {}, { state: { kind: 'lost', what: 'host', since: null } }))).toBeUndefined();
    expect(best(one('shut', {}), one('b', { running: 9 }))).toBe('b');
  });
});
