/** Tells the engine which hosts are on the screen, which are measured more often than the others of a large fleet. */

import type { Bridge } from '#common/bridge.ts';
import type { HostId } from '#common/ids.ts';
import { createAlarm } from '#common/timer.ts';

export interface InViewReporter {
  /** `part`, a table, shows these hosts now; null: it is gone. */
  show(part: object, hostIds: readonly HostId[] | null): void;
  dispose(): void;
}

/** While one scrolls, rows come and go with every frame. */
const restMs = 1000;
/** Well within the half minute for which the engine believes it. */
const renewMs = 10_000;
/** What one call takes. */
const mostHosts = 1000;

export function createInViewReporter(bridge: Bridge, page: Document): InViewReporter {
  const parts = new Map<object, readonly HostId[]>();
  const next = createAlarm();
  const renewal = createAlarm();

  const report = (): void => {
    if (page.visibilityState === 'hidden') return;
    const hostIds = [...new Set([...parts.values()].flat())].slice(0, mostHosts);
    // What did not arrive is said again in a moment.
    bridge.call('host.inView', { hostIds }).catch(() => undefined);
  };

  const changed = (): void => {
    if (!renewal.isSet()) renewal.every(renewMs, report);
    if (!next.isSet()) next.after(restMs, report);
  };
  page.addEventListener('visibilitychange', changed);

  return {
    show(part, hostIds) {
      if (hostIds === null) parts.delete(part);
      else parts.set(part, hostIds);
      changed();
    },
    dispose() {
      page.removeEventListener('visibilitychange', changed);
      next.cancel();
      renewal.cancel();
    },
  };
}
