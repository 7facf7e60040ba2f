/** What a call names is looked up in the Snapshot: it may have gone since the face heard of it. */

import { AppError } from '#common/failure.ts';
import type { HostId, ServerId } from '#common/ids.ts';
import { hasSsh } from '#common/select/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';

/** Errors: `not-found`. */
export function serverOf({ servers }: Snapshot, serverId: ServerId): ModelServer {
  const found = servers.find(({ id }) => id === serverId);
  if (found === undefined) throw new AppError('not-found', { detail: 'the server is not there any more' });
  return found;
}

/** Of a host to which a forward goes. Errors: `not-found`. */
export function requireHost({ hosts }: Snapshot, hostId: HostId): void {
  const host = hosts.find(({ id }) => id === hostId);
  if (host !== undefined && !hasSsh(host)) throw new AppError('no-ssh', { step: 'forward' });
  if (host !== undefined) return;
  const detail = `no host ${hostId} in the SSH configuration`;
  throw new AppError('not-found', { step: 'forward', detail });
}
