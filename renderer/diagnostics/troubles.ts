/** Which hosts have trouble, and with what. A host that is being tried again keeps its place, and what was wrong. */

import type { Failure } from '#common/failure.ts';
import type { Host } from '#common/hosts.ts';
import { failureOf } from '#common/select/failures.ts';

export interface Trouble {
  readonly host: Host;
  readonly failure: Failure;
  /** It is being tried at this moment. */
  readonly trying: boolean;
}

export interface Sorted {
  readonly troubles: readonly Trouble[];
  /** They answer, and have no GPU: trouble only where one should be. */
  readonly noGpu: readonly Trouble[];
  readonly fine: readonly Host[];
  /** Nothing is known of them yet. */
  readonly waiting: readonly Host[];
}

export function sortHosts(previous: Sorted | null, hosts: readonly Host[]): Sorted {
  const before = new Map(previous?.troubles.map((trouble) => [trouble.host.id, trouble]));
  const sorted = {
    troubles: [] as Trouble[],
    noGpu: [] as Trouble[],
    fine: [] as Host[],
    waiting: [] as Host[],
  };
  for (const host of hosts) {
    const old = before.get(host.id);
    const failure = failureOf(host.state);
    if (host.state.kind === 'up') sorted.fine.push(host);
    else if (failure !== null) {
      const group = host.state.kind === 'no-gpu' ? sorted.noGpu : sorted.troubles;
      group.push(old?.host === host ? old : { host, failure, trying: false });
    } else if (old !== undefined)
      sorted.troubles.push(old.host === host ? old : { host, failure: old.failure, trying: true });
    else sorted.waiting.push(host);
  }
  return sorted;
}
