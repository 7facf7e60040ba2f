import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import type { Host } from '#common/hosts.ts';
import { prometheusHostId } from '#common/ids.ts';
import type { PrometheusSource } from '#common/prometheus.ts';
import { afterFound, type Entry } from '#engine/sources/prometheus/entries.ts';
import { joinRows, type KnownSource } from '#engine/sources/prometheus/rows.ts';
import { failed, gpu, host, idleRule } from '../../../../support/snapshot.ts';

const entry = (name: string, fields: Partial<Entry> = {}): Entry => ({
  ...afterFound(
    undefined,
    {
      name,
      gpus: [gpu()],
      driverVersion: null,
      system: null,
      instance: `${name}:9400`,
      labels: { rack: 'r1' },
      models: [],
      sampledS: 1,
      ageMs: 0,
      isDown: false,
    },
    { nowMs: 1_000_000, rule: idleRule, staleAfterMs: 60_000 },
  ),
  ...fields,
});
const source = (id: string, entries: readonly Entry[], joins: Record<string, string> = {}): KnownSource => ({
  source: { id, name: id, url: 'http://p:9090', enabled: true, joins } as unknown as PrometheusSource,
  entries: new Map(entries.map((one) => [one.found.name, one])),
  staleAfterMs: 60_000,
});
const rows = (sources: readonly KnownSource[], hosts: readonly Host[], excludedAliases: string[] = []) =>
  joinRows(sources, {
    hosts,
    excludedAliases,
    isWanted: (name) => !name.startsWith('secret'),
    groupOf: (_name, { rack = null }) => rack,
    isWantedGroup: () => true,
  });

describe('the hosts of Prometheus', () => {
  it('are rows of their own where SSH does not know them, and only where they are wanted', () => {
    const { hosts } = rows([source('s', [entry('gpu-01'), entry('gpu-02'), entry('secret-1')])], [host('x')]);
    expect(hosts.map(({ id }) => id)).toEqual([prometheusHostId('gpu-01'), prometheusHostId('gpu-02')]);
  });

  it('are in the group that their labels say', () => {
    expect(rows([source('s', [entry('gpu-01')])], []).hosts).toMatchObject([{ group: 'r1' }]);
  });

  it('stand beside one that SSH has lost, and beside one that is up only with their labels', () => {
    const own = [host('gpu-01'), host('gpu-02', { state: failed() })];
    const { hosts, beside } = rows([source('s', [entry('gpu-01'), entry('gpu-02')])], own);
    expect(hosts).toEqual([]);
    expect(beside.get('gpu-01')).toEqual({ beside: null, group: 'r1', labels: { rack: 'r1' } });
    expect(beside.get('gpu-02')?.beside?.gpus).toHaveLength(1);
  });

  it('that are switched off in the settings are marked so', () => {
    const { hosts } = rows([source('s', [entry('gpu-01')])], [], ['gpu-01']);
    expect(hosts).toMatchObject([{ source: { without: 'switched-off' } }]);
  });

  it('that two sources know are those of the first one with current values', () => {
    const stale = entry('gpu-01', { failure: new AppError('samples-stale') });
    const twice = rows([source('old', [stale]), source('new', [entry('gpu-01')])], []);
    expect(twice.hosts).toMatchObject([{ source: { sourceId: 'new' } }]);
    expect(twice.places.get(prometheusHostId('gpu-01'))).toHaveLength(2);
    const both = rows([source('first', [entry('gpu-01')]), source('second', [entry('gpu-01')])], []);
    expect(both.hosts).toMatchObject([{ source: { sourceId: 'first' } }]);
  });

  it('that may mean several hosts are named for the person to choose', () => {
    const own = [host('a100.north'), host('a100.south')];
    const { ambiguous } = rows([source('s', [entry('a100')])], own);
    expect(ambiguous.get('s')).toEqual([{ name: 'a100', aliases: ['a100.north', 'a100.south'] }]);
    const chosen = rows([source('s', [entry('a100')], { a100: 'a100.south' })], own);
    expect([...chosen.beside.keys()]).toEqual(['a100.south']);
  });
});
