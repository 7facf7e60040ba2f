import type { HostId } from '#common/ids.ts';
import { type Clock, systemClock } from '#common/timer.ts';

/** Which hosts the windows have on the screen, as far as they say it. */
export interface InView {
  /** A window shows these now; it is to say so again within {@link inViewForMs}. */
  report(hostIds: readonly HostId[]): void;
  has(hostId: HostId): boolean;
  /** Whether a window says what it shows. */
  isKnown(): boolean;
}

/** A window that was closed says nothing more. */
export const inViewForMs = 30_000;
/** Of all windows together. */
const mostHosts = 5000;

export function createInView({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}): InView {
  /** Until when, by host, the latest report last. */
  const until = new Map<HostId, number>();
  let knownUntil = Number.NEGATIVE_INFINITY;

  const prune = (): void => {
    const now = clock.now();
    for (const [hostId, endsAt] of until) if (endsAt <= now || until.size > mostHosts) until.delete(hostId);
  };

  return {
    report(hostIds) {
      const endsAt = clock.now() + inViewForMs;
      knownUntil = endsAt;
      for (const hostId of hostIds) {
        until.delete(hostId);
        until.set(hostId, endsAt);
      }
      prune();
    },
    has(hostId) {
      const endsAt = until.get(hostId);
      return endsAt !== undefined && endsAt > clock.now();
    },
    isKnown: () => knownUntil > clock.now(),
  };
}
