import type { Snapshot } from '#common/snapshot.ts';

/** The time at the engine, which through `ssh -L` is on another computer than the browser. */
export interface EngineClock {
  /** Milliseconds since the epoch, as the engine counts them. */
  now(): number;
  /** Takes a whole Snapshot, of which it is unknown how old its newest measurement is. */
  begin(snapshot: Snapshot): void;
  /** Takes what a patch has made: a measurement that is new in it was made just now. */
  follow(snapshot: Snapshot): void;
}

/** Until the first new measurement the two clocks are taken to agree. */
export function createEngineClock(): EngineClock {
  let newest = Number.NEGATIVE_INFINITY;
  let aheadMs = 0;
  return {
    now: () => Date.now() - aheadMs,
    begin(snapshot) {
      newest = newestIn(snapshot);
    },
    follow(snapshot) {
      const latest = newestIn(snapshot);
      if (latest > newest) aheadMs = Date.now() - latest;
      newest = latest;
    },
  };
}

function newestIn({ hosts }: Snapshot): number {
  return hosts.reduce((newest, { measuredAt }) => Math.max(newest, measuredAt ?? 0), 0);
}
