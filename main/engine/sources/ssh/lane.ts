import type { HostId } from '#common/ids.ts';
import type { Snapshot } from '#common/snapshot.ts';

/** Above this a transfer delays what shares its connection: a request took 50 ms beside none and 1 s beside a full one. */
const bulkBytesPerSecond = 1_000_000;
const measureMs = 4000;
/** A second connection is kept this long after the latest large transfer, so that it does not come and go. */
const quietMs = 60_000;

/**
 * Chooses the connection for a host's measurements from the bytes that its forwards have moved: a second one while they
 * move more than 1 MB/s. The transfers stay where they are; streams cannot move.
 *
 * @returns a function of the bytes so far and the time in milliseconds
 */
export function createLaneChoice(): (bytes: number, now: number) => 'main' | 'second' {
  let last: { bytes: number; at: number } | null = null;
  let busyAt = Number.NEGATIVE_INFINITY;
  return (bytes, now) => {
    last ??= { bytes, at: now };
    const passedMs = now - last.at;
    if (passedMs >= measureMs) {
      if (((bytes - last.bytes) * 1000) / passedMs > bulkBytesPerSecond) busyAt = now;
      last = { bytes, at: now };
    }
    return now - busyAt < quietMs ? 'second' : 'main';
  };
}

/** How many bytes the host's forwards have moved so far, both ways. */
export function forwardedBytes({ forwards }: Snapshot, hostId: HostId): number {
  return forwards
    .filter((forward) => forward.hostId === hostId)
    .reduce((sum, { traffic }) => sum + traffic.bytesIn + traffic.bytesOut, 0);
}
