/** What `--json` prints: the shapes scripts rely on. An unknown value is null. */

import { describeFailure } from '#common/failure.ts';
import type { Host, HostState } from '#common/hosts.ts';
import type { Launch, LaunchFailure } from '#common/launches.ts';
import { localRows } from '#common/local-rows.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import { failureOf } from '#common/select/failures.ts';
import { isIdleOrUnknown } from '#common/select/gpus.ts';
import { isUp } from '#common/select/hosts.ts';
import { queueRows } from '#common/select/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { launchWords } from '#common/words/launches.ts';

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
      ...sourceJson(snapshot, host),
      state: stateJson(host.state),
      gpus: host.gpus.map((gpu) => ({
        index: gpu.index,
        uuid: gpu.uuid,
        name: gpu.name,
        utilPct: gpu.utilPct,
        memUsedMiB: gpu.memUsedMiB,
        memTotalMiB: gpu.memTotalMiB,
        idle: isUp(host.state) ? isIdleOrUnknown(gpu, snapshot.settings.idleRule) : null,
      })),
    })),
  };
}

export function modelsJson(snapshot: Snapshot) {
  return {
    hosts: snapshot.hosts.map((host) => ({
      alias: host.alias,
      ...sourceJson(snapshot, host),
      state: stateJson(host.state),
      models: snapshot.servers
        // Nothing is known of the models of a lost host, beside the state of the host.
        .filter(({ hostId, state }) => hostId === host.id && state.kind !== 'lost')
        .flatMap(({ port, engine, version, models }) =>
          models.map(({ id }) => ({ port, id, engine, version })),
        ),
    })),
  };
}

/** One entry per model whose server tells its load. */
export function queuesJson(snapshot: Snapshot) {
  return {
    servers: queueRows(snapshot).map(({ alias, port, localPort, load, model }) => ({
      alias,
      port,
      localPort,
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
      model: server.state.kind === 'lost' ? null : model,
      status: origin,
      alias: hostId,
      remotePort,
      tmuxSession: session,
    })),
  };
}

/** The tmux sessions among these forwards; `status` where another one holds for all of them. */
export function sessionsJson(forwards: readonly OtherForward[], status?: 'killed') {
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

/** Times in milliseconds since the epoch; `failure` only where the stage is that. */
export function launchesJson(launches: readonly Launch[]) {
  return {
    launches: launches.map(({ name, hostId, model, remotePort, stage, startedAt, endsAt }) => ({
      name,
      alias: hostId,
      model,
      remotePort,
      stage: stage.kind,
      startedAt,
      endsAt,
      failure: stage.kind === 'failed' ? launchFailureJson(stage.failure) : null,
    })),
  };
}

function launchFailureJson({ kind, line }: LaunchFailure) {
  return { kind, line, hint: launchWords.en.failure[kind].hint };
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

/** Where its values come from, where sources beside SSH were asked for. */
function sourceJson({ settings }: Snapshot, { source }: Host) {
  return settings.prometheus.length === 0 ? {} : { source: source.kind };
}

/** Whatever is wrong with a host stands beside its kind. */
function stateJson(state: HostState) {
  const failure = failureOf(state);
  return failure === null
    ? { kind: state.kind }
    : { kind: state.kind, code: failure.code, reason: describeFailure(failure) };
}
