/** The models that requests can name, and the servers that have each of them: what the scan has found, and nothing else. Pure. */

import leven from 'leven';
import { describeFailure } from '#common/failure.ts';
import { thisComputerName } from '#common/gateway.ts';
import type { HostId } from '#common/ids.ts';
import { behind, localTrackId } from '#common/local-loads.ts';
import { assertNever } from '#common/never.ts';
import type { EngineKind, ModelLoad, ServerState } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';

/** One model server that has a model. */
export interface Replica {
  /** Of the server: the same for all its models. */
  readonly id: string;
  /** Null: this computer. */
  readonly hostId: HostId | null;
  /** As clients address it: the alias, or `localhost`. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** The local port of the forward through which it is reached; absent: by a channel of its own. */
  readonly forwardedTo?: number;
  readonly state: ServerState;
  readonly engine: EngineKind | null;
  /** Of all its models together: they share its GPUs. */
  readonly loads: readonly ModelLoad[];
}

export interface ServedModel {
  readonly id: string;
  /** The smallest context length of its replicas, in tokens; null where none says it. */
  readonly maxModelLen: number | null;
  /** The base model of a LoRA adapter. */
  readonly parent: string | null;
  readonly replicas: readonly Replica[];
}

/** By the id that requests name. */
export type Catalogue = ReadonlyMap<string, ServedModel>;

type Known = Pick<Snapshot, 'servers' | 'localServers' | 'forwards' | 'otherForwards'>;

/** The models of all servers that the Snapshot has; several servers of one model are its replicas. */
export function catalogueOf(snapshot: Known): Catalogue {
  const models = new Map<string, ServedModel>();
  const add = (id: string, traits: Pick<ServedModel, 'maxModelLen' | 'parent'>, replica: Replica): void => {
    const before = models.get(id);
    const lengths = [before?.maxModelLen, traits.maxModelLen].filter((length) => length != null);
    models.set(id, {
      id,
      maxModelLen: lengths.length === 0 ? null : Math.min(...lengths),
      parent: before?.parent ?? traits.parent,
      replicas: [...(before?.replicas ?? []), replica],
    });
  };
  for (const { models: served, hostId, ...server } of snapshot.servers)
    for (const model of served) add(model.id, model, { ...server, hostId, host: hostId });
  const known = new Set(snapshot.servers.map(({ id }) => id));
  for (const server of snapshot.localServers) {
    // What a forward leads to is there as a server of its host.
    if (server.owner.kind === 'forward' || known.has(behind(server, snapshot).key)) continue;
    const replica = { ...server, id: localTrackId(server), hostId: null, host: thisComputerName };
    for (const id of server.models) add(id, { maxModelLen: null, parent: null }, replica);
  }
  return models;
}

/**
 * Why no request may go to a server, as the end of a sentence that begins with its name; null where one may. The one place
 * that decides it.
 */
export function whyNot({ state }: Pick<Replica, 'state'>): string | null {
  switch (state.kind) {
    case 'up':
      return null;
    case 'starting':
      return 'is still loading its model';
    case 'sleeping':
      return 'is asleep';
    case 'stuck':
      return 'answers, and does no work';
    case 'locked':
      return 'needs an API key, which can be set in the Models view';
    case 'failed':
      return `does not answer: ${describeFailure(state.failure)}`;
    case 'lost':
      return state.what === 'host'
        ? 'is on a host that has stopped answering'
        : 'was not checked for too long';
    default:
      return assertNever(state);
  }
}

export interface Named {
  /** As the servers call it. */
  readonly model: string;
  readonly replicas: readonly Replica[];
}

/** What a request means by a name: a model, or `host/model` and `host:port/model` for those of one host. Null: there is none. */
export function findModel(catalogue: Catalogue, name: string): Named | null {
  const whole = catalogue.get(name);
  if (whole !== undefined) return { model: name, replicas: whole.replicas };
  const slash = name.indexOf('/');
  const place = name.slice(0, slash);
  const model = name.slice(slash + 1);
  const replicas = (catalogue.get(model)?.replicas ?? []).filter(
    ({ host, port }) => place === host || place === `${host}:${port}`,
  );
  return slash > 0 && replicas.length > 0 ? { model, replicas } : null;
}

/** The models of which a server can take requests now, by id. */
export function reachable(catalogue: Catalogue): readonly ServedModel[] {
  const models = [...catalogue.values()].map((model) => ({
    ...model,
    replicas: model.replicas.filter((replica) => whyNot(replica) === null),
  }));
  return models.filter(({ replicas }) => replicas.length > 0).sort((a, b) => (a.id < b.id ? -1 : 1));
}

const mostNearest = 3;
/** A longer name must not cost a long comparison with each of a thousand. */
const mostCompared = 200;

/** The names most like the one that was typed, the nearest first: also by their last part, which is what people type. */
export function nearestNames(typed: string, catalogue: Catalogue): readonly string[] {
  if (typed.length > mostCompared) return [];
  const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
  const lower = typed.toLowerCase();
  const distance = (name: string): number =>
    Math.min(leven(lower, name.toLowerCase()), leven(lastPart(lower), lastPart(name.toLowerCase())));
  return [...catalogue.keys()]
    .filter((name) => name.length <= mostCompared)
    .map((name) => ({ name, away: distance(name) }))
    .sort((a, b) => a.away - b.away)
    .slice(0, mostNearest)
    .map(({ name }) => name);
}
