/** How things stand, in one of three shapes. Pure. */

import type { Forward } from './forwards.ts';
import { assertNever, type Snapshot } from './model.ts';
import { isUp, totals } from './select.ts';

/** What the icons in tray and browser tab say by their shape. */
export type TrayShape = 'idle' | 'none' | 'attention';

/**
 * `attention` when something broke that worked or should: a forward, a host key, or every host at once. A host that is
 * merely off is everyday life on a cluster and does not raise the flag.
 */
export function trayShape(snapshot: Snapshot): TrayShape {
  const { hosts, forwards, scan } = snapshot;
  const scanned = scan.kind === 'done' && hosts.length > 0;
  if (
    forwards.some(isBroken) ||
    hosts.some((host) => host.state.kind === 'hostkey-changed') ||
    (scanned && !hosts.some((host) => isUp(host.state)))
  ) {
    return 'attention';
  }
  return totals(snapshot).idleGpus > 0 ? 'idle' : 'none';
}

function isBroken({ state, lastError }: Forward): boolean {
  switch (state.kind) {
    case 'failed':
    case 'retrying':
      return true;
    case 'opening':
    case 'listening':
      return lastError !== null;
    default:
      return assertNever(state);
  }
}
