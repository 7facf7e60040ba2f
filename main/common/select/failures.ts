/** What went wrong with a host, a server or a forward. */

import type { Failure } from '../failure.ts';
import type { ForwardHealth, ForwardState } from '../forwards.ts';
import type { HostState } from '../hosts.ts';
import type { OtherForwardState } from '../other-forwards.ts';
import type { ServerState } from '../servers.ts';

/** Why it is not fully there, whatever its state; null when all is well or nothing was tried yet. */
export function failureOf(
  state: HostState | ServerState | ForwardState | ForwardHealth | OtherForwardState,
): Failure | null {
  return 'failure' in state ? state.failure : null;
}
