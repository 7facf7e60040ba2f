/** What faces ask about model servers, and their rows. */

import type { Forward } from '../forwards.ts';
import type { Host } from '../hosts.ts';
import { behind, localTrackId, modelOfLoad } from '../local-loads.ts';
import type { Model, ModelLoad, ModelServer } from '../servers.ts';
import type { Snapshot } from '../snapshot.ts';
import { forwardFor } from './forwards.ts';

export interface ModelRow {
  /** Unique among all rows. */
  readonly key: string;
  readonly host: Host;
  readonly server: ModelServer;
  /** Null for a server that is locked or failed and shows no model. */
  readonly model: Model | null;
  readonly forward: Forward | null;
}

/** One row per model on a server, adapters right after their base model; a server without models has one row of its own. */
export function modelRows(snapshot: Snapshot): readonly ModelRow[] {
  const hosts = new Map(snapshot.hosts.map((host) => [host.id, host]));
  return snapshot.servers.flatMap((server) => {
    const host = hosts.get(server.hostId);
    if (host === undefined) return [];
    const forward = forwardFor(snapshot, server.hostId, server.port);
    const row = (model: Model | null): ModelRow => ({
      key: `${server.id} ${model?.id ?? ''}`,
      host,
      server,
      model,
      forward,
    });
    return server.models.length === 0 ? [row(null)] : adaptersAfterBase(server.models).map(row);
  });
}

/** The load that a server's metrics give for one of its models; null where they do not say it. */
export function loadOf(server: ModelServer, model: Model): ModelLoad | null {
  const named = server.loads.find((load) => load.model === model.id);
  if (named !== undefined) return named;
  // Metrics may name a model by its path, or not at all: with one of each it is clear.
  const bases = server.models.filter(({ parent }) => parent === null);
  const [only, ...others] = server.loads;
  const isOnly = bases.length === 1 && bases[0]?.id === model.id;
  return only !== undefined && others.length === 0 && isOnly ? only : null;
}

export interface QueueRow {
  /** Unique among all rows. */
  readonly key: string;
  /** Of its history. */
  readonly trackId: string;
  /** Null for a server of this computer, or one on a host that is not in the configuration. */
  readonly alias: string | null;
  /** On its host. */
  readonly port: number;
  /** Where it answers on this computer; null where nothing leads to it. */
  readonly localPort: number | null;
  readonly load: ModelLoad;
  /** The model as requests name it; null where it is unknown. */
  readonly model: string | null;
}

/**
 * One row per model whose load is known: those of the hosts in the order of the servers, then those that are known on this
 * computer alone, by port. A server to which several ports lead is one.
 */
export function queueRows(snapshot: Snapshot): readonly QueueRow[] {
  const { servers, localServers } = snapshot;
  const hosts = new Map(snapshot.hosts.map((host) => [host.id, host]));
  const local = localServers.map((server) => ({ server, to: behind(server, snapshot) }));
  const onHosts = servers.flatMap((server): readonly QueueRow[] => {
    const alias = hosts.get(server.hostId)?.alias;
    if (alias === undefined) return [];
    const { id, port, loads, models } = server;
    const own = forwardFor(snapshot, server.hostId, port)?.localPort;
    const localPort = own ?? local.find(({ to }) => to.key === id)?.server.port ?? null;
    return loads.map((load) => {
      const model = models.find((one) => loadOf(server, one) === load)?.id ?? load.model;
      return { key: `${id} ${load.model ?? ''}`, trackId: id, alias, port, localPort, load, model };
    });
  });
  const shown = new Set(onHosts.map(({ trackId }) => trackId));
  const here = local.flatMap(({ server, to }): readonly QueueRow[] => {
    if (server.loads.length === 0 || shown.has(to.key)) return [];
    shown.add(to.key);
    const trackId = localTrackId(server);
    const { hostId: alias, port } = to;
    return server.loads.map((load) => {
      const model = modelOfLoad(load, server);
      return {
        key: `${trackId} ${load.model ?? ''}`,
        trackId,
        alias,
        port,
        localPort: server.port,
        load,
        model,
      };
    });
  });
  return [...onHosts, ...here];
}

function adaptersAfterBase(models: readonly Model[]): readonly Model[] {
  const ids = new Set(models.map((model) => model.id));
  const isAdapter = (model: Model) =>
    model.parent !== null && model.parent !== model.id && ids.has(model.parent);
  return models
    .filter((model) => !isAdapter(model))
    .flatMap((base) => [base, ...models.filter((model) => isAdapter(model) && model.parent === base.id)]);
}
