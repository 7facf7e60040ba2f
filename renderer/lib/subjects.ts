/** What the rows of the views are found by. Pure. */

import type { Forward } from '#common/forwards.ts';
import type { Host } from '#common/hosts.ts';
import { languages } from '#common/language.ts';
import type { Launch } from '#common/launches.ts';
import type { LocalRow } from '#common/local-rows.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import { failureOf } from '#common/select/failures.ts';
import { forwardAddress } from '#common/select/forwards.ts';
import { isBusy } from '#common/select/load.ts';
import { loadOf } from '#common/select/servers.ts';
import type { Model, ModelLoad, ModelServer } from '#common/servers.ts';
import { stageText } from '#common/words/launches.ts';
import { hostLine } from './format.ts';
import { busyNames, forwardStates, hostStates, otherForwardStates, serverStates } from './state-names.ts';

/** What a row offers to the terms of a filter. */
export interface Subject {
  /** Where plain words are looked for; made when there are some. */
  readonly texts: () => readonly (string | null)[];
  /** The host that it is on; null where that is not known any more. */
  readonly host: Host | null;
  readonly models: readonly string[];
  /** Of the models behind it; empty where none is known. */
  readonly loads: readonly ModelLoad[];
  /** What its own state, of a host, a server or a forward, is called: its kind, and the words of every language. */
  readonly states: readonly string[];
}

/** What a host is found by: its names, state, GPUs, the people on it, and the models it serves. */
export function hostSubject(
  host: Host,
  models: readonly string[],
  loads: readonly ModelLoad[] = [],
): Subject {
  const states = hostStates(host);
  return {
    host,
    models,
    loads,
    states,
    texts: () => [
      host.alias,
      host.group,
      host.endpoint && `${host.endpoint.user}@${host.endpoint.hostname}`,
      ...states,
      // Of a host that is up it only counts the GPUs.
      ...(host.state.kind === 'up' ? [] : languages.map((language) => hostLine(host, language))),
      failureOf(host.state)?.detail ?? null,
      ...host.gpus.map((gpu) => gpu.name),
      ...host.gpus.flatMap((gpu) => gpu.processes.flatMap((process) => [process.user, process.command])),
      ...host.gpus.flatMap(({ job }) => (job === undefined ? [] : [job.user, job.job, job.pod])),
      ...models,
    ],
  };
}

export function serverSubject(host: Host, server: ModelServer, model: Model | null): Subject {
  const load = model === null ? null : loadOf(server, model);
  const states = [...serverStates(server), ...(isBusy(server.state, load) ? busyNames : [])];
  return {
    host,
    models: model === null ? [] : [model.id],
    loads: load === null ? [] : [load],
    states,
    texts: () => [server.id, server.engine, server.version, ...states, model?.id ?? null],
  };
}

/** `server`: what is known of the one behind it. */
export function forwardSubject(
  forward: Forward,
  host: Host | null,
  server: Pick<ModelServer, 'models' | 'loads'> | undefined,
): Subject {
  const states = forwardStates(forward);
  const models = server?.models.map(({ id }) => id) ?? [];
  return {
    host,
    models,
    loads: server?.loads ?? [],
    states,
    texts: () => [forward.id, forward.label, forwardAddress(forward), ...states, ...models],
  };
}

export function otherForwardSubject(forward: OtherForward, host: Host | null): Subject {
  const { owner, destination, localPort, remotePort, models } = forward;
  const states = otherForwardStates(forward);
  return {
    host,
    models,
    loads: [],
    states,
    texts: () => [
      `${destination}:${remotePort}`,
      `localhost:${localPort}`,
      owner.kind === 'tmux' ? owner.session : `ssh ${owner.pid}`,
      owner.kind === 'tmux' ? 'tmux' : owner.command,
      ...states,
      ...models,
    ],
  };
}

export function localSubject({ server, model, session, origin }: LocalRow, host: Host | null): Subject {
  const { port, engine, version, owner } = server;
  const states = serverStates(server);
  return {
    host,
    models: model === null ? [] : [model],
    loads: [],
    states,
    texts: () => [
      `localhost:${port}`,
      engine,
      version,
      session,
      origin,
      owner.kind === 'process' ? owner.command : null,
      ...states,
      host?.alias ?? null,
      model,
    ],
  };
}

export function launchSubject({ id, name, model, stage }: Launch, host: Host | null): Subject {
  const states = languages.map((language) => stageText(stage, language));
  return {
    host,
    models: model === null ? [] : [model],
    loads: [],
    states,
    texts: () => [id, name, ...states, model],
  };
}
