/** What `--json` prints: the shapes scripts rely on. An unknown value is null. */

import { describeFailure } from '#common/errors.ts';
import type { ForeignForward } from '#common/forwards.ts';
import type { Host, HostState, IdleRule, Snapshot } from '#common/model.ts';
import { failureOf, isIdle, isUp, queueRows } from '#common/select.ts';
import { localRows } from '#common/this-computer.ts';

/** Hosts in the order of the configuration, as they are in all of these. */
export function hostsJson(snapshot: Snapshot) {
  return {
    hosts: snapshot.hosts.map(({ alias, endpoint }) => ({
      alias,
      hostname: endpoint?.hostname ?? null,
      port: endpoint?.port ?? null,
      user: endpoint?.user ?? null,
    })),
  };
}

export function gpusJson(snapshot: Snapshot) {
  return {
    hosts: snapshot.hosts.map((host) => ({
      alias: host.alias,
      state: stateJson(host.state),
      gpus: host.gpus.map((gpu) => ({
        index: gpu.index,
        uuid: gpu.uuid,
        name: gpu.name,
        utilPct: gpu.utilPct,
        memUsedMiB: gpu.memUsedMiB,
        memTotalMiB: gpu.memTotalMiB,
        idle: isIdleNow(host, gpu, snapshot.settings.idleRule),
      })),
    })),
  };
}

export function modelsJson(snapshot: Snapshot) {
  return {
    hosts: snapshot.hosts.map((host) => ({
      alias: host.alias,
      state: stateJson(host.state),
      models: snapshot.servers
        .filter((server) => server.hostId === host.id)
        .flatMap(({ port, engine, version, models }) =>
          models.map(({ id }) => ({ port, id, engine, version })),
        ),
    })),
  };
}

/** One entry per model whose server tells its load. */
export function queuesJson(snapshot: Snapshot) {
  return {
    servers: queueRows(snapshot).map(({ host, server, load, model, forward }) => ({
      alias: host.alias,
      port: server.port,
      localPort: forward?.localPort ?? null,
      model,
      running: load.running,
      waiting: load.waiting,
      kvCachePct: load.kvCachePct,
      promptTokensTotal: load.promptTokensTotal,
      generationTokensTotal: load.generationTokensTotal,
      promptTokensPerSecond: load.promptTokensPerSecond,
      generationTokensPerSecond: load.generationTokensPerSecond,
    })),
  };
}

/** One entry per model that answers on a port of this computer; of a server that shows none, one with null. */
export function localJson(snapshot: Snapshot) {
  return {
    servers: localRows(snapshot).map(({ server, model, origin, hostId, remotePort, session }) => ({
      localPort: server.port,
      model,
      status: origin,
      alias: hostId,
      remotePort,
      tmuxSession: session,
    })),
  };
}

/** The tmux sessions among these forwards; `status` where another one holds for all of them. */
export function sessionsJson(forwards: readonly ForeignForward[], status?: 'killed') {
  return {
    sessions: forwards.flatMap(({ owner, hostId, remotePort, localPort, models, state }) =>
      owner.kind === 'tmux'
        ? {
            session: owner.session,
            alias: hostId,
            remotePort,
            localPort,
            model: models[0] ?? null,
            status: status ?? state.kind,
          }
        : [],
    ),
  };
}

/** One entry per model that the auto-forward rules know. */
export function autoForwardsJson(snapshot: Snapshot) {
  return {
    forwards: snapshot.autoForwards.map(({ hostId, remotePort, localPort, status, model }) => ({
      alias: hostId,
      remotePort,
      localPort,
      status,
      model,
    })),
  };
}

/** Old numbers of a host that is away say nothing about now. */
function isIdleNow(host: Host, gpu: Host['gpus'][number], rule: IdleRule): boolean {
  return isUp(host.state) && isIdle(gpu, rule);
}

/** Whatever is wrong with a host stands beside its kind. */
function stateJson(state: HostState) {
  const failure = failureOf(state);
  return failure === null
    ? { kind: state.kind }
    : { kind: state.kind, code: failure.code, reason: describeFailure(failure) };
}
