/** What a call names is looked up in the Snapshot: it may have gone since the face was told of it. */

import { AppError } from '#common/errors.ts';
import type { HostId, ModelServer, ServerId, Snapshot } from '#common/model.ts';

/** Errors: `not-found`. */
export function serverOf({ servers }: Snapshot, serverId: ServerId): ModelServer {
  const found = servers.find(({ id }) => id === serverId);
  if (found === undefined) throw new AppError('not-found', { detail: 'the server is not there any more' });
  return found;
}

/** Of a host to which a forward goes. Errors: `not-found`. */
export function requireHost({ hosts }: Snapshot, hostId: HostId): void {
  if (hosts.some(({ id }) => id === hostId)) return;
  const detail = `no host ${hostId} in the SSH configuration`;
  throw new AppError('not-found', { step: 'forward', detail });
}
