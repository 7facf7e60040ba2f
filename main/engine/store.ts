import { diff, type Patch } from '#common/patch.ts';
import { type Event, reduce } from '#common/reduce.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createAlarm } from '#common/timer.ts';

/** Ten notifications a second are as many as a person can see. */
const publishEveryMs = 100;

export interface Store {
  /** The truth at this moment, newer than what was published; for the engine's own decisions. */
  current(): Snapshot;
  apply(event: Event): void;
  /** The published Snapshot, after publishing what was pending: patches continue from exactly this one. */
  snapshot(): Snapshot;
  subscribe(listener: (patch: Patch) => void): () => void;
  /** Publishes what is pending and stops its timer. */
  dispose(): void;
}

/** Holds the Snapshot and tells subscribers what changed, coalesced: the first change at once, the next ones at most every 100 ms. */
export function createStore(initial: Snapshot): Store {
  let current = initial;
  let published = initial;
  const alarm = createAlarm({ background: true });
  let publishedAt = 0;
  let disposed = false;
  const listeners = new Set<(patch: Patch) => void>();

  const publish = (): void => {
    alarm.cancel();
    const patch = diff(published, current);
    if (patch === null) return;
    current = { ...current, revision: patch.revision };
    published = current;
    publishedAt = performance.now();
    for (const listener of listeners) listener(patch);
  };

  const schedule = (): void => {
    if (alarm.isSet()) return;
    alarm.after(Math.max(0, publishEveryMs - (performance.now() - publishedAt)), publish);
  };

  return {
    current: () => current,
    apply(event) {
      const next = reduce(current, event);
      if (next === current) return;
      current = next;
      if (!disposed) schedule();
    },
    snapshot() {
      publish();
      return published;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose() {
      publish();
      disposed = true;
      listeners.clear();
    },
  };
}
