import type { Snapshot } from '../snapshot.ts';
import { isUp } from './hosts.ts';

/**
 * Why there is nothing of any host; null where hosts answer, or may do so as soon as the scan that runs, or is about to, has come to them: what
 * is missing then is missing there.
 */
export type Emptiness = 'all-off' | 'no-hosts' | 'no-answer';

/** The first cause that holds, from the configuration on to the answers. */
export function emptinessOf({ hosts, excludedAliases, scan }: Snapshot): Emptiness | null {
  if (hosts.length === 0) return excludedAliases.length > 0 ? 'all-off' : 'no-hosts';
  if (scan.kind === 'never' || scan.kind === 'running' || hosts.some(({ state }) => isUp(state))) return null;
  return 'no-answer';
}
