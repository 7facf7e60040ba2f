/** Where the load of a local server is measured, and whose it is. Pure. */

import { isOwnPort } from './forward-target.ts';
import { type HostId, serverId } from './ids.ts';
import type { LocalServer } from './local-servers.ts';
import { isLoopback } from './other-forwards.ts';
import type { ModelLoad } from './servers.ts';
import type { Snapshot } from './snapshot.ts';

/** What a local server leads to. */
export interface Behind {
  /** The same for all ports of this computer that lead to one server. */
  readonly key: string;
  /** The host, if it is one of the configuration; null for a server of this computer too. */
  readonly hostId: HostId | null;
  /** At the far end; of a server of this computer its own port. */
  readonly port: number;
}

type Places = Pick<Snapshot, 'forwards' | 'otherForwards'>;

/** What is behind a port of this computer; a server of this computer itself is behind its own. */
export function behind(
  { port, owner }: Pick<LocalServer, 'port' | 'owner'>,
  { forwards, otherForwards }: Places,
): Behind {
  const on = (hostId: HostId, remotePort: number): Behind => ({
    key: serverId(hostId, remotePort),
    hostId,
    port: remotePort,
  });
  const unknown = { key: ` ${port}`, hostId: null, port };
  switch (owner.kind) {
    case 'process':
      return unknown;
    case 'copy':
      return on(owner.hostId, owner.remotePort);
    case 'forward': {
      const own = forwards.find(({ id }) => id === owner.forwardId);
      if (own === undefined) return unknown;
      if (isOwnPort(own)) return on(own.hostId, own.remotePort);
      return { key: own.id, hostId: own.hostId, port: own.remotePort ?? port };
    }
    case 'other-forward': {
      const other = otherForwards.forwards.find(({ id }) => id === owner.otherForwardId);
      if (other === undefined) return unknown;
      const { hostId, destination, remoteAddress, remotePort } = other;
      // From the host it may go on to another one, of which the same port says nothing.
      if (hostId !== null && isLoopback(remoteAddress)) return on(hostId, remotePort);
      return { key: ` ${destination} ${remoteAddress} ${remotePort}`, hostId, port: remotePort };
    }
  }
}

/** Under which its history is kept. No host has an empty name. */
export function localTrackId({ port }: Pick<LocalServer, 'port'>): string {
  return serverId('', port);
}

/** Whether its load is known over SSH, so that nothing is asked a second time. */
export function isMeasuredOnHost(
  server: Pick<LocalServer, 'port' | 'owner'>,
  snapshot: Places & Pick<Snapshot, 'servers'>,
): boolean {
  if (server.owner.kind === 'forward') return true;
  const { key } = behind(server, snapshot);
  return snapshot.servers.some(({ id, loads }) => id === key && loads.length > 0);
}

/** The model that a load is of, as requests name it; null where that is unknown. */
export function modelOfLoad(
  { model }: ModelLoad,
  { models, loads }: Pick<LocalServer, 'models' | 'loads'>,
): string | null {
  // Metrics may name a model by its path, or not at all: with one of each it is clear.
  const [only, ...others] = models;
  return only !== undefined && others.length === 0 && loads.length === 1 ? only : model;
}
