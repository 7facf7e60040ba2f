/** What faces ask about the gateway. */

import { behind } from '../local-loads.ts';
import type { Snapshot } from '../snapshot.ts';

type Known = Pick<Snapshot, 'servers' | 'localServers' | 'forwards' | 'otherForwards'>;

/** The ids of the models of which a server can take requests now, each once and in their order: what the gateway lists. */
export function gatewayModels(snapshot: Known): readonly string[] {
  const known = new Set(snapshot.servers.map(({ id }) => id));
  const onHosts = snapshot.servers
    .filter(({ state }) => state.kind === 'up')
    .flatMap(({ models }) => models.map(({ id }) => id));
  const here = snapshot.localServers
    // What a forward leads to is there as a server of its host.
    .filter((server) => server.owner.kind !== 'forward' && !known.has(behind(server, snapshot).key))
    .filter(({ state }) => state.kind === 'up')
    .flatMap(({ models }) => models);
  return [...new Set([...onHosts, ...here])].sort((a, b) => (a < b ? -1 : 1));
}
