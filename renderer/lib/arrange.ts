/**
 * Which hosts stand in the GPU table, which in the group of those that did not answer, and in which order. The table shows
 * the most idle host first, but a row that jumps is a row that cannot be read or clicked, so the order moves only this much:
 *
 * - Fully sorted (idle GPUs, then load) when the window opens and whenever a scan ends.
 * - In between a host moves when its number of idle GPUs changes; a mere change of load moves nothing.
 * - While the reader works in the list (`held`) nothing moves at all; new hosts come at the end.
 * - A host that is being tried stays where it was, so a retry does not make it hop out of its group and back.
 */

import type { Host, HostId, Snapshot } from '#common/model.ts';
import { failureOf, hasFailed, hostSummary, hostsByIdleFirst, isUp } from '#common/select.ts';

export interface Arrangement {
  readonly listed: readonly HostId[];
  readonly failed: readonly HostId[];
  /** The scan after which the table was last fully sorted. */
  readonly sortedAfter: number | null;
}

/** Returns the next arrangement, or `previous` itself when nothing moves. */
export function arrange(previous: Arrangement | null, snapshot: Snapshot, held: boolean): Arrangement {
  const next = previous !== null && held ? hold(previous, snapshot) : sort(previous, snapshot);
  return previous !== null && isSame(previous, next) ? previous : next;
}

function sort(previous: Arrangement | null, snapshot: Snapshot): Arrangement {
  const isFailed = failedTest(previous);
  const sorted = hostsByIdleFirst(snapshot).filter((host) => !isFailed(host));
  const finishedAt = 'finishedAt' in snapshot.scan ? snapshot.scan.finishedAt : null;
  const sortedAfter = finishedAt ?? previous?.sortedAfter ?? null;
  const listed =
    previous === null || previous.sortedAfter !== sortedAfter
      ? sorted
      : keepOrderAmongEquals(previous.listed, sorted, snapshot);
  return { listed: listed.map((host) => host.id), failed: ids(snapshot.hosts.filter(isFailed)), sortedAfter };
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
    sortedAfter: previous.sortedAfter,
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
  sorted: readonly Host[],
  snapshot: Snapshot,
): readonly Host[] {
  const position = new Map(shown.map((id, index) => [id, index]));
  const rank = (host: Host) => {
    if (!isUp(host.state)) return -2;
    const { idle, total } = hostSummary(host, snapshot.settings.idleRule);
    return total > 0 ? idle : -1;
  };
  const keyed = sorted.map((host, index) => ({
    host,
    rank: rank(host),
    place: position.get(host.id) ?? shown.length + index,
  }));
  return keyed.sort((a, b) => b.rank - a.rank || a.place - b.place).map(({ host }) => host);
}

function ids(hosts: readonly Host[]): readonly HostId[] {
  return hosts.map((host) => host.id);
}

function isSame(a: Arrangement, b: Arrangement): boolean {
  return a.sortedAfter === b.sortedAfter && isSameList(a.listed, b.listed) && isSameList(a.failed, b.failed);
}

function isSameList(a: readonly HostId[], b: readonly HostId[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
