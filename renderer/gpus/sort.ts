/** How hosts rank by the column that the table is sorted by. Pure. */

import type { Host } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import { isUp } from '#common/select/hosts.ts';
import { compareValues, type Direction } from '../list/column-sort.ts';
import type { ColumnOrder } from '../table/column.ts';
import type { HostRow } from './columns.tsx';

export interface Ranked {
  readonly host: Host;
  /** 0: with GPUs, 1: without any, 2: not known at the moment; of a favourite less than 0, and of a lost host that was not seen still less. Only names are compared across groups. */
  readonly group: number;
  /** Null, which is unknown, comes last. */
  readonly value: number | string | null;
  /** Tells those of equal value apart when the whole table is sorted. */
  readonly load: number;
}

const groups = 3;

/** Ranks hosts, each measurement of one once. `lost`: those that were lost and not looked at since, which stand on top. */
export function createRanking(
  { value }: ColumnOrder<HostRow>,
  rowOf: (host: Host) => HostRow,
  lost: ReadonlySet<HostId> = new Set(),
): (host: Host) => Ranked {
  const known = new WeakMap<Host, Ranked>();
  return (host) => {
    let ranked = known.get(host);
    if (ranked === undefined) {
      const row = rowOf(host);
      const plain = rank(row, value(row, 0));
      // Before all groups of the others, and in the same order among themselves.
      const tops = lost.has(host.id) ? 2 : row.isFavourite ? 1 : 0;
      ranked = { ...plain, group: plain.group - groups * tops };
      known.set(host, ranked);
    }
    return ranked;
  };
}

function rank({ host, summary }: HostRow, value: number | string | null): Ranked {
  if (typeof value === 'string') return { host, group: 0, value, load: 0 };
  if (!isUp(host.state)) return { host, group: 2, value: null, load: 0 };
  return { host, group: summary.total > 0 ? 0 : 1, value, load: summary.meanUtilPct ?? 101 };
}

/** By group, then by value. */
export function compareRanked(a: Ranked, b: Ranked, direction: Direction): number {
  return a.group - b.group || compareValues(a.value, b.value, direction);
}
