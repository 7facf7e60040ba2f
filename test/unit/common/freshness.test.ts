import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportScan } from '#common/export.ts';
import { findFreeGpus } from '#common/free-gpus.ts';
import { asOf, maxAgeMs } from '#common/freshness.ts';
import type { Host } from '#common/hosts.ts';
import { menu } from '#common/menu.ts';
import { hostSummary } from '#common/select/hosts.ts';
import { queueRows } from '#common/select/servers.ts';
import { totals } from '#common/select/totals.ts';
import type { ModelServer } from '#common/servers.ts';
import { defaultSettings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { headline, serverStateText } from '#common/words/states.ts';
import { aFailure, aLocalServer, anOtherForward, aProcess } from '../../support/samples.ts';
import { busyGpu, forward, gpu, host, server, snapshot } from '../../support/snapshot.ts';

const now = 1_800_000_000_000;
const mostMs = maxAgeMs('measurement', defaultSettings);
const load = {
  model: 'llama',
  running: 3,
  waiting: 7,
  kvCachePct: 50,
  prefixHitPct: 10,
  preemptionsTotal: 1,
  promptTokensTotal: 10,
  generationTokensTotal: 20,
  promptTokensPerSecond: 5,
  generationTokensPerSecond: 6,
  ttft: { p50Ms: 1, p95Ms: 2 },
  interToken: null,
  endToEnd: null,
  finished: {},
};
const system = { cpuCount: 64, load1: 3, memUsedMiB: 10, memTotalMiB: 100 };
const instance = {
  index: 0,
  uuid: 'MIG-a',
  profile: null,
  memUsedMiB: 9,
  memTotalMiB: 99,
  processes: [aProcess],
};

const measured = (alias: string, measuredAt: number): Host =>
  host(alias, {
    measuredAt,
    system,
    gpus: [
      gpu(),
      busyGpu({ uuid: 'b', instances: [instance] }),
      gpu({ uuid: 'c', problem: 'requires reset', job: { user: 'ada', job: '4711', pod: null } }),
    ],
  });
const serving = (alias: string, seenAt: number): ModelServer => ({
  ...server(alias, 8000, ['llama']),
  loads: [load],
  seenAt,
});
const cluster = (measuredAt: number, fields: Partial<Snapshot> = {}): Snapshot =>
  snapshot({ hosts: [measured('a', measuredAt)], servers: [serving('a', measuredAt)], ...fields });

/** Every number below that can change, by its path. */
function live(value: unknown, path = ''): readonly string[] {
  const fixed =
    /\.(index|memTotalMiB|cpuCount|powerLimitW|samples|idleStreak|port|measuredAt|seenAt|since|maxModelLen)$/;
  if (typeof value === 'number') return fixed.test(path) ? [] : [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => live(part, `${path}.${key}`));
}

describe('what is too old', () => {
  it('is unknown, in every number that changes, and what stays is known', () => {
    const fresh = cluster(now);
    expect(live(fresh.hosts[0]?.gpus).length).toBeGreaterThan(10);
    const { hosts, servers } = asOf(fresh, now + mostMs + 1);
    expect([...live(hosts[0]?.gpus), ...live(hosts[0]?.system), ...live(servers)]).toEqual([]);
    expect(hosts[0]).toMatchObject({
      measuredAt: now,
      state: { kind: 'stale', failure: { code: 'not-measured' } },
    });
    expect(hosts[0]?.gpus[0]).toMatchObject({
      name: 'NVIDIA H100 80GB HBM3',
      memTotalMiB: 81_559,
      processes: [],
    });
    expect(hosts[0]?.gpus[2]).not.toHaveProperty('job');
    expect(servers[0]).toMatchObject({ state: { kind: 'lost', what: 'host', since: now }, loads: [] });
  });

  it('is known up to its age, and not after it, whatever the settings are', () => {
    const ms = fc.integer({ min: 1000, max: 600_000 });
    fc.assert(
      fc.property(
        fc.record({ gpusMs: ms, hiddenMs: ms, batteryMs: ms, portsMs: ms }),
        ms,
        (cadence, probeMs) => {
          const settings = {
            ...defaultSettings,
            cadence,
            timeouts: { ...defaultSettings.timeouts, probeMs },
          };
          const fresh = cluster(now, { settings });
          const most = maxAgeMs('measurement', settings);
          // Never before the next measurement can be there, at the slowest pace.
          expect(most).toBeGreaterThan(
            Math.max(...[cadence.gpusMs, cadence.hiddenMs, cadence.batteryMs]) + probeMs,
          );
          expect(asOf(fresh, now + most)).toBe(fresh);
          expect(asOf(fresh, now + most + 1).hosts[0]?.state.kind).toBe('stale');
        },
      ),
    );
  });

  it('is the same object as long as what is shown is, so that nothing renders again', () => {
    const fresh = cluster(now, { hosts: [measured('a', now), measured('b', now + 60_000)] });
    expect(asOf(fresh, now)).toBe(fresh);
    const old = asOf(fresh, now + mostMs + 1);
    expect(asOf(fresh, now + mostMs + 1000)).toBe(old);
    expect(old.hosts[1]).toBe(fresh.hosts[1]);
    const later = asOf({ ...fresh, revision: 9 }, now + mostMs + 2000);
    expect([later.hosts, later.servers]).toEqual([old.hosts, old.servers]);
    expect(later.hosts).toBe(old.hosts);
    expect(later.servers).toBe(old.servers);
  });

  it('is in no total, offer, queue or menu, and empty in a file', () => {
    const old = asOf(cluster(now), now + mostMs + 1);
    expect(totals(old)).toMatchObject({ idleGpus: 0, gpus: 0, hostsUp: 0, models: 0 });
    expect(headline(old, 'en')).toBe('0 idle of 0 GPUs · 0 of 1 host · 0 models · 0 forwards');
    expect(findFreeGpus(old, { count: 1, memGiB: 0, kind: '' })).toEqual([]);
    expect(queueRows(old)).toEqual([]);
    expect(JSON.stringify(menu(old, 'en'))).toContain('llama · a (Host lost)');
    const [titles = '', row = ''] = exportScan(cluster(now), 'csv', now + mostMs + 1).text.split('\r\n');
    const cells = new Map(titles.split(',').map((title, at) => [title, row.split(',')[at]]));
    for (const title of ['utilPct', 'memUsedMiB', 'temperatureC', 'powerW', 'idle', 'users'])
      expect(cells.get(title), title).toBe('');
    expect(cells.get('memTotalMiB')).toBe('81559');
    expect(live(JSON.parse(exportScan(cluster(now), 'json', now + mostMs + 1).text).servers)).toEqual([]);
  });

  it('says since when', () => {
    const state = { kind: 'lost', what: 'host', since: now } as const;
    expect(serverStateText(state, now + 42_000, 'en')).toBe('Host lost, 0:42 ago');
    expect(serverStateText(state, now + 2 * 3_600_000, 'en')).toBe('Host lost, 2 h ago');
    expect(serverStateText(state, now + 42_000, 'ru')).toBe('Потерян 0:42 назад');
  });

  it('has no idle GPU and no load in its summary', () => {
    const [old] = asOf(cluster(now), now + mostMs + 1).hosts;
    expect(old && hostSummary(old, defaultSettings.idleRule)).toMatchObject({
      idle: 0,
      total: 3,
      meanUtilPct: null,
      memUsedMiB: null,
      maxTemperatureC: null,
      users: [],
    });
  });
});

describe('on this computer', () => {
  const behind = { ...aLocalServer, port: 16_100, owner: { kind: 'forward', forwardId: 'a:8000' } } as const;
  const open = { ...forward('a', 8000), localPort: 16_100 };

  it('a server behind a forward is only as well as the forward and its host', () => {
    const at = (fields: Partial<Snapshot>) =>
      asOf(cluster(now, { localServers: [behind], ...fields }), now).localServers.map(
        ({ state }) => state.kind,
      );
    expect(at({ forwards: [open] })).toEqual(['up']);
    expect(at({ forwards: [] })).toEqual([]);
    const failure = aFailure('connection-lost');
    expect(at({ forwards: [{ ...open, state: { kind: 'retrying', failure } }] })).toEqual(['failed']);
    expect(at({ forwards: [{ ...open, health: { kind: 'model-down', failure } }] })).toEqual(['failed']);
    const lost = { ...serving('a', now), state: { kind: 'lost', what: 'host', since: now } } as const;
    expect(at({ forwards: [open], servers: [lost] })).toEqual(['lost']);
  });

  it('what nobody has looked at for long is not known', () => {
    const seen = cluster(now, {
      localServers: [aLocalServer],
      otherForwards: {
        tmux: 'available',
        processes: 'available',
        lookedAt: now,
        forwards: [{ ...anOtherForward, models: ['llama'], state: { kind: 'answering' } }],
      },
    });
    const most = maxAgeMs('computer', defaultSettings);
    expect(asOf(seen, now + most).otherForwards).toBe(seen.otherForwards);
    const { otherForwards, localServers } = asOf(seen, now + most + 1);
    expect(otherForwards.forwards).toMatchObject([{ models: [], state: { kind: 'unknown' } }]);
    expect(localServers).toMatchObject([{ state: { kind: 'lost', what: 'look', since: now } }]);
  });
});
