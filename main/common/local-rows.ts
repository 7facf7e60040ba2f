/** What faces ask of the forwards and model servers on this computer. Pure. */

import type { ForeignForward, LocalServer } from './forwards.ts';
import type { HostId, Snapshot } from './model.ts';
import { shellWord } from './text.ts';

/** The command line that shows a forward's tmux session in a terminal; null for what is in none. */
export function attachCommand({ owner }: ForeignForward): string | null {
  return owner.kind === 'tmux' ? `tmux attach -t ${shellWord(`=${owner.session}`)}` : null;
}

export interface LocalRow {
  /** Unique among all rows. */
  readonly key: string;
  readonly server: LocalServer;
  /** Null for a server that shows no model. */
  readonly model: string | null;
  /**
   * Who serves it: a program of this computer, or a host behind a forward, of which some are tmux sessions. An ssh that
   * listens forwards, also where nobody can tell what.
   */
  readonly origin: 'local' | 'forwarded' | 'tmux';
  /** Behind a forward: the host, if it is one of the configuration, and its port. */
  readonly hostId: HostId | null;
  readonly remotePort: number | null;
  /** The name of the tmux session. */
  readonly session: string | null;
}

/** One row per model on a port of this computer; a server without models has one row of its own. */
export function localRows({
  localServers,
  forwards,
  elsewhere,
}: Pick<Snapshot, 'localServers' | 'forwards' | 'elsewhere'>): readonly LocalRow[] {
  return localServers.flatMap((server) => {
    const { owner, port, models } = server;
    const own = forwards.find(({ id }) => owner.kind === 'forward' && id === owner.forwardId);
    const foreign = elsewhere.forwards.find(({ id }) => owner.kind === 'foreign' && id === owner.foreignId);
    const session = foreign?.owner.kind === 'tmux' ? foreign.owner.session : null;
    const origin =
      owner.kind === 'process' && owner.command !== 'ssh' ? 'local' : session === null ? 'forwarded' : 'tmux';
    const { hostId = null, remotePort = null } = own ?? foreign ?? {};
    return (models.length === 0 ? [null] : models).map(
      (model): LocalRow => ({
        key: `${port} ${model ?? ''}`,
        server,
        model,
        origin,
        hostId,
        remotePort,
        session,
      }),
    );
  });
}
