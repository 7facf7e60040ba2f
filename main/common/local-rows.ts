/** The local servers as the rows of a table. Pure. */

import type { HostId } from './ids.ts';
import { modelOfLoad } from './local-loads.ts';
import type { LocalServer } from './local-servers.ts';
import type { ModelLoad } from './servers.ts';
import type { Snapshot } from './snapshot.ts';

export interface LocalRow {
  /** Unique among all rows. */
  readonly key: string;
  readonly server: LocalServer;
  /** Null for a server that shows no model. */
  readonly model: string | null;
  /**
   * Who serves it: a program of this computer, or a host behind a forward, of which some are tmux sessions. An ssh that
   * listens forwards, also where its target is unknown.
   */
  readonly origin: 'local' | 'forwarded' | 'tmux';
  /** Behind a forward: the host, if it is one of the configuration, and its port. */
  readonly hostId: HostId | null;
  readonly remotePort: number | null;
  /** The name of the tmux session that holds the forward, or in which the server runs. */
  readonly session: string | null;
  /** How busy the model is, where that is measured here. */
  readonly load: ModelLoad | null;
}

/** One row per model on a port of this computer; a server without models has one row of its own. */
export function localRows({
  localServers,
  forwards,
  otherForwards,
}: Pick<Snapshot, 'localServers' | 'forwards' | 'otherForwards'>): readonly LocalRow[] {
  return localServers.flatMap((server) => {
    const { owner, port, models } = server;
    const own = forwards.find(({ id }) => owner.kind === 'forward' && id === owner.forwardId);
    const other = otherForwards.forwards.find(
      ({ id }) => owner.kind === 'other-forward' && id === owner.otherForwardId,
    );
    const holder = other?.owner.kind === 'tmux' ? other.owner.session : null;
    const isServed = owner.kind === 'process' && owner.command !== 'ssh';
    const origin = isServed ? 'local' : holder === null ? 'forwarded' : 'tmux';
    const session = holder ?? (owner.kind === 'process' ? owner.session : null) ?? null;
    const copy = owner.kind === 'copy' ? owner : undefined;
    const { hostId = null, remotePort = null } = own ?? other ?? copy ?? {};
    return (models.length === 0 ? [null] : models).map(
      (model): LocalRow => ({
        key: `${port} ${model ?? ''}`,
        server,
        model,
        origin,
        hostId,
        remotePort,
        session,
        load: server.loads.find((load) => modelOfLoad(load, server) === model) ?? null,
      }),
    );
  });
}
