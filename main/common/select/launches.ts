/** What faces ask about launches. Pure. */

import { isLive, type Launch, type LaunchStage } from '../launches.ts';
import type { Snapshot } from '../snapshot.ts';

/** How much of the way is behind it, from 0 to 1: stages take about these shares of the time of a model that is new on a host. */
export function shareOf(stage: LaunchStage): number {
  switch (stage.kind) {
    case 'environment':
      return 0.05;
    case 'download':
      return 0.1 + 0.4 * (stage.totalBytes ? Math.min(1, (stage.doneBytes ?? 0) / stage.totalBytes) : 0);
    case 'load':
      return 0.5 + 0.003 * (stage.pct ?? 0);
    case 'compile':
      return 0.8 + 0.0015 * (stage.pct ?? 0);
    case 'ready':
    case 'stopped':
    case 'failed':
      return 1;
  }
}

/** Those that run first, then those that have ended; the latest start first among each. */
export function launchesByRunning({ launches }: Pick<Snapshot, 'launches'>): readonly Launch[] {
  const startOf = ({ startedAt }: Launch): number => startedAt ?? 0;
  return launches.toSorted((a, b) => Number(isLive(b)) - Number(isLive(a)) || startOf(b) - startOf(a));
}
