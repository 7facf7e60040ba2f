/** What faces ask about forwards, and whether one can be opened. */

import { engineFacts } from '../engines.ts';
import type { ErrorCode } from '../failure.ts';
import type { Forward } from '../forwards.ts';
import type { Host } from '../hosts.ts';
import { type HostId, serverId } from '../ids.ts';
import type { ModelServer } from '../servers.ts';
import type { Snapshot } from '../snapshot.ts';

export function forwardFor(snapshot: Snapshot, hostId: HostId, port: number): Forward | null {
  const id = serverId(hostId, port);
  return snapshot.forwards.find((forward) => forward.id === id) ?? null;
}

export type Permission = { readonly ok: true } | { readonly ok: false; readonly why: ErrorCode };

/** Whether ports of the host can be forwarded, and if not, why. */
export function forwardPermission(host: Host): Permission {
  return host.forwarding === 'prohibited' ? { ok: false, why: 'forwarding-prohibited' } : { ok: true };
}

/** Whether the Forward button of a server works, and if not, why. */
export function canForward(host: Host, { state }: ModelServer): Permission {
  return state.kind === 'lost' ? { ok: false, why: 'host-lost' } : forwardPermission(host);
}

/** The pages about the server's API behind a forward; null while it has no local port, and for servers that have none. */
export function docsUrl({ servers }: Snapshot, forward: Forward): string | null {
  const url = forwardUrl(forward);
  const engine = servers.find(({ id }) => id === forward.id)?.engine ?? null;
  return url === null || engine === null || !engineFacts[engine].hasApiPages ? null : `${url}/docs`;
}

/** The base URL of a forward for OpenAI-style clients, without a trailing slash; null while it has no local port. */
export function forwardUrl(forward: Forward): string | null {
  const address = forwardAddress(forward);
  return address === null ? null : `http://${address}`;
}

/** Where a forward is reached, as people write it: `localhost:16100`. */
export function forwardAddress({ localPort }: Pick<Forward, 'localPort'>): string | null {
  return localPort === null ? null : `localhost:${localPort}`;
}

/** Whether it carries nothing now, and may be tried again. */
export function isAway({ state }: Pick<Forward, 'state'>): boolean {
  return state.kind === 'retrying' || state.kind === 'failed';
}
