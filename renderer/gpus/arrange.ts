/**
 * Which hosts stand in the GPU table, which in the group of those that did not answer, and in which order. The table shows
 * the most idle host first, or what its columns were asked for, but a row that jumps is a row that cannot be read or clicked,
 * so the order moves only this much:
 *
 * - Fully sorted when the window opens, whenever a scan ends, and when another column is asked for.
 * - In between a host moves when its number of idle GPUs, people or models changes and the table stands by that; a mere change
 *   of load moves nothing. A table that stands by load, memory or temperature is sorted anew now and then (`turn`).
 * - While the reader works in the list (`held`), and while a scan runs, nothing moves at all; new hosts come at the end.
 * - A host that is being tried stays where it was, so a retry does not make it hop out of its group and back.
 */

import type { Host } from '#common/hosts.ts';
import type { HostId } from '#common/ids.ts';
import { failureOf } from '#common/select/failures.ts';
import { hasFailed, isUp } from '#common/select/hosts.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { isSameList } from '../lib/same-list.ts';
import type { ColumnSort } from '../list/column-sort.ts';
import { compareRanked, type Ranked } from './sort.ts';

export interface Arrangement {
  readonly listed: readonly HostId[];
  readonly failed: readonly HostId[];
  /** What the table was last fully sorted for. */
  readonly sortedFor: SortedFor;
}

interface SortedFor {
  readonly sort: ColumnSort;
  /** The end of the latest scan; null before the first. */
  readonly scannedAt: number | null;
  readonly turn: number;
}

export interface ArrangeOptions {
  readonly held: boolean;
  readonly sort: ColumnSort;
  /** It is sorted by a column whose values change with every measurement. */
  readonly live: boolean;
  /** Grows when a table that stands by a live column may be sorted anew. */
  readonly turn: number;
  /** By the same sort. */
  readonly rank: (host: Host) => Ranked;
}

/** Returns the next arrangement, or `previous` itself when nothing moves. */
export function arrange(
  previous: Arrangement | null,
  snapshot: Snapshot,
  options: ArrangeOptions,
): Arrangement {
  const isStill = options.held || snapshot.scan.kind === 'running';
  const holds = previous !== null && isStill && previous.sortedFor.sort === options.sort;
  const next = holds ? hold(previous, snapshot) : sorted(previous, snapshot, options);
  return previous !== null && isSame(previous, next) ? previous : next;
}

function sorted(previous: Arrangement | null, snapshot: Snapshot, options: ArrangeOptions): Arrangement {
  const { sort, live, rank } = options;
  const isFailed = failedTest(previous);
  const sortedFor = wantedSort(previous, snapshot, options);
  const ranked = new Map<HostId, Ranked>();
  const failed: HostId[] = [];
  for (const host of snapshot.hosts) {
    if (isFailed(host)) failed.push(host.id);
    else ranked.set(host.id, rank(host));
  }
  const listed =
    previous === null || previous.sortedFor !== sortedFor
      ? [...ranked.values()].sort((a, b) => compareRanked(a, b, sort.direction) || a.load - b.load)
      : keepOrderAmongEquals(previous.listed, ranked, (a, b) =>
          live ? a.group - b.group : compareRanked(a, b, sort.direction),
        );
  return { listed: listed.map(({ host }) => host.id), failed, sortedFor };
}

/** The same object as before while the table need not be fully sorted. */
function wantedSort(
  previous: Arrangement | null,
  { scan }: Snapshot,
  { sort, live, turn }: ArrangeOptions,
): SortedFor {
  const before = previous?.sortedFor;
  const scannedAt = 'finishedAt' in scan ? scan.finishedAt : (before?.scannedAt ?? null);
  const isDue = live && before?.turn !== turn;
  const isSameSort = before !== undefined && before.sort === sort && before.scannedAt === scannedAt;
  return isSameSort && !isDue ? before : { sort, scannedAt, turn };
}

function hold(previous: Arrangement, snapshot: Snapshot): Arrangement {
  const existing = new Set(ids(snapshot.hosts));
  const listed = previous.listed.filter((id) => existing.has(id));
  const failed = previous.failed.filter((id) => existing.has(id));
  const placed = new Set([...listed, ...failed]);
  const isFailed = failedTest(previous);
  const newcomers = snapshot.hosts.filter((host) => !placed.has(host.id));
  return {
    listed: [...listed, ...ids(newcomers.filter((host) => !isFailed(host)))],
    failed: [...failed, ...ids(newcomers.filter(isFailed))],
    sortedFor: previous.sortedFor,
  };
}

/** A stale host keeps its row: the GPUs shown there are old, but known. */
function failedTest(previous: Arrangement | null): (host: Host) => boolean {
  const before = new Set(previous?.failed);
  return (host) => {
    if (host.gpus.length > 0) return false;
    return hasFailed(host) || (before.has(host.id) && !isUp(host.state) && failureOf(host.state) === null);
  };
}

/** Within each run of hosts that rank alike, those shown before keep their order and new ones follow. */
function keepOrderAmongEquals(
  shown: readonly HostId[],
  ranked: ReadonlyMap<HostId, Ranked>,
  compare: (a: Ranked, b: Ranked) => number,
): readonly Ranked[] {
  // Those shown before in their order, then the new ones: a stable sort, which costs little where little is to be moved.
  const all: Ranked[] = [];
  for (const id of shown) {
    const one = ranked.get(id);
    if (one !== undefined) all.push(one);
  }
  if (all.length < ranked.size) {
    const before = new Set(shown);
    for (const one of ranked.values()) if (!before.has(one.host.id)) all.push(one);
  }
  return all.sort(compare);
}

function ids(hosts: readonly Host[]): readonly HostId[] {
  return hosts.map((host) => host.id);
}

function isSame(a: Arrangement, b: Arrangement): boolean {
  return a.sortedFor === b.sortedFor && isSameList(a.listed, b.listed) && isSameList(a.failed, b.failed);
}
