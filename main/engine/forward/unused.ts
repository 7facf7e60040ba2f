import type { Forward } from '#common/forwards.ts';
import type { ForwardId } from '#common/ids.ts';
import type { Settings } from '#common/settings.ts';
import { type Clock, createAlarm, systemClock } from '#common/timer.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Store } from '../store.ts';

/** When a forward was used last: it had a connection then, or it was opened. */
interface Use {
  readonly connections: number;
  /** Monotonic, in milliseconds. */
  readonly atMs: number;
}

export type Uses = ReadonlyMap<ForwardId, Use>;

export function nextUses(before: Uses, forwards: readonly Forward[], nowMs: number): Uses {
  return new Map(
    forwards.map(({ id, traffic: { openConnections, totalConnections } }) => {
      const known = before.get(id);
      const isUsed = known === undefined || openConnections > 0 || known.connections !== totalConnections;
      return [id, isUsed ? { connections: totalConnections, atMs: nowMs } : known];
    }),
  );
}

/** Those that a person opened and nothing has used for as long as the settings say. What is pinned stays, and what the rules hold. */
export function unusedForwards(
  uses: Uses,
  forwards: readonly Forward[],
  { close, afterMs }: Settings['unusedForwards'],
  nowMs: number,
): readonly ForwardId[] {
  if (!close) return [];
  return forwards
    .filter(({ id, origin, pinned }) => {
      const use = uses.get(id);
      return origin === 'user' && !pinned && use !== undefined && nowMs - use.atMs >= afterMs;
    })
    .map(({ id }) => id);
}

export interface UnusedWatchDeps {
  readonly store: Pick<Store, 'current'>;
  readonly close: (id: ForwardId) => Promise<void>;
  readonly log: Log;
  readonly clock?: Clock;
}

const everyMs = 30_000;

/** Closes forwards that are not used, as the settings say. Begins at once; ends when the returned function is called. */
export function watchUnused({ store, close, log, clock = systemClock }: UnusedWatchDeps): () => void {
  const alarm = createAlarm({ clock, background: true });
  let uses: Uses = new Map();
  const look = (): void => {
    const { forwards, settings } = store.current();
    const nowMs = clock.now();
    uses = nextUses(uses, forwards, nowMs);
    for (const id of unusedForwards(uses, forwards, settings.unusedForwards, nowMs)) {
      log('info', `${id}: closed, as nothing has used it`);
      void close(id);
    }
  };
  look();
  alarm.every(everyMs, look);
  return alarm.cancel;
}
