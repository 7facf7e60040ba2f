/** By which column the hosts stand, and what of it moves a row. Pure. */

import type { Host, HostId, IdleRule } from '#common/model.ts';
import { type HostSummary, hostSummary, isUp } from '#common/select.ts';
import type { ColumnSort, FirstDirections } from './column-sort.ts';

export const sortKeys = ['host', 'free', 'utilisation', 'memory', 'temperature', 'users', 'models'] as const;
export type SortKey = (typeof sortKeys)[number];

export type Sort = ColumnSort<SortKey>;

/** What one looks for first: free GPUs, little load, many people. */
export const firstDirections: FirstDirections<SortKey> = {
  host: 'ascending',
  free: 'descending',
  utilisation: 'ascending',
  memory: 'ascending',
  temperature: 'descending',
  users: 'descending',
  models: 'descending',
};

export const defaultSort: Sort = { key: 'free', direction: 'descending' };

export const sortOptions = { name: 'gpus-sort', fallback: defaultSort, first: firstDirections } as const;

/** Columns whose values change with every measurement: in between they move no row. */
export function isLive({ key }: Sort): boolean {
  return key === 'utilisation' || key === 'memory' || key === 'temperature';
}

export interface Ranked {
  readonly host: Host;
  /** 0: with GPUs, 1: without any, 2: not known at the moment. Only names are compared across groups. */
  readonly group: number;
  /** Smaller comes first; null, which is unknown, comes last. */
  readonly value: number | string | null;
  /** Tells those of equal value apart when the whole table is sorted. */
  readonly load: number;
}

export interface RankingDeps {
  readonly sort: Sort;
  readonly rule: IdleRule;
  readonly modelCount: (id: HostId) => number;
}

/** Ranks hosts, each measurement of one once. */
export function createRanking(deps: RankingDeps): (host: Host) => Ranked {
  const known = new WeakMap<Host, Ranked>();
  return (host) => {
    let ranked = known.get(host);
    if (ranked === undefined) {
      ranked = rank(host, deps);
      known.set(host, ranked);
    }
    return ranked;
  };
}

function rank(host: Host, { sort, rule, modelCount }: RankingDeps): Ranked {
  if (sort.key === 'host') return { host, group: 0, value: host.alias, load: 0 };
  if (!isUp(host.state)) return { host, group: 2, value: null, load: 0 };
  const summary = hostSummary(host, rule);
  const group = summary.total > 0 ? 0 : 1;
  const value = numberOf(sort.key, summary, modelCount(host.id));
  const signed = typeof value === 'number' && sort.direction === 'descending' ? -value : value;
  return { host, group, value: signed, load: summary.meanUtilPct ?? 101 };
}

function numberOf(key: Exclude<SortKey, 'host'>, summary: HostSummary, models: number): number | null {
  switch (key) {
    case 'free':
      return summary.idle;
    case 'utilisation':
      return summary.meanUtilPct;
    case 'memory':
      return summary.memUsedMiB;
    case 'temperature':
      return summary.maxTemperatureC;
    case 'users':
      return summary.users.length;
    case 'models':
      return models;
  }
}

const names = new Intl.Collator('en', { numeric: true });

/** By group, then by value. */
export function compareRanked(a: Ranked, b: Ranked, { direction }: Sort): number {
  if (a.group !== b.group) return a.group - b.group;
  if (a.value === b.value) return 0;
  if (a.value === null) return 1;
  if (b.value === null) return -1;
  if (typeof a.value === 'number' && typeof b.value === 'number') return a.value - b.value;
  const byName = names.compare(String(a.value), String(b.value));
  return direction === 'descending' ? -byName : byName;
}
