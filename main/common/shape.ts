/** How things stand, in one of three shapes. Pure. */

import type { Forward } from './forwards.ts';
import { assertNever } from './never.ts';
import { isUp } from './select/hosts.ts';
import { totals } from './select/totals.ts';
import type { Snapshot } from './snapshot.ts';

/** What the icons in tray and browser tab say by their shape. */
export type TrayShape = 'idle' | 'none' | 'attention';

/**
 * `attention` when something broke that worked or should (a forward, a host key that changed, every host at once), or when a
 * login that the person has begun waits for an answer. What is everyday life on a cluster does not raise the flag, or the
 * icon would never show free GPUs: a host that is off, one to log in to, a host key that is not accepted yet. The
 * menu and the window say those.
 */
export function trayShape(snapshot: Snapshot): TrayShape {
  const { hosts, forwards, scan, prompts } = snapshot;
  const scanned = scan.kind === 'done' && hosts.length > 0;
  if (
    prompts.length > 0 ||
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
