/** From what answered on the ports of this computer to its model servers, as the Snapshot has them. Pure. */

import { toFailure } from '#common/errors.ts';
import type { ForeignForward, Forward, LocalOwner, LocalServer } from '#common/forwards.ts';
import type { ModelServer, ServerState, Snapshot } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import type { LocalProcess } from '../elsewhere/process-list.ts';
import type { Candidate } from '../models/candidates.ts';
import { engineOfProcess } from '../models/process-names.ts';
import { programName } from '../probe/processes.ts';
import type { PortAnswer } from './ask.ts';

export interface LocalServersOptions {
  readonly snapshot: Snapshot;
  readonly foreign: readonly ForeignForward[];
  /** Of the user, as far as they can be listed. */
  readonly processes: readonly LocalProcess[];
  /** What was to be asked. */
  readonly candidates: readonly Candidate[];
  /** By port. */
  readonly answers: ReadonlyMap<number, PortAnswer>;
}

/**
 * By port. Behind this app's own forwards are the servers that the hosts have shown: nobody is asked through them, since
 * that would count as their traffic. A port without a model list is there only where a process should serve one.
 */
export function localServers(options: LocalServersOptions): readonly LocalServer[] {
  const { snapshot, candidates } = options;
  const own = snapshot.forwards.flatMap((forward) => ownServer(forward, snapshot) ?? []);
  const others = candidates.flatMap((candidate) => otherServer(candidate, options) ?? []);
  return [...own, ...others].sort((a, b) => a.port - b.port);
}

function ownServer(forward: Forward, { servers }: Snapshot): LocalServer | null {
  const server = servers.find(({ id }) => id === forward.id);
  if (server === undefined || forward.localPort === null) return null;
  const owner: LocalOwner = { kind: 'forward', forwardId: forward.id };
  return {
    ...describe(server),
    port: forward.localPort,
    address: '127.0.0.1',
    state: stateOf(forward, server),
    owner,
  };
}

/** A server that is up is of no use behind a forward that is away. */
function stateOf({ state, health }: Forward, server: ModelServer): ServerState {
  if ('failure' in state) return { kind: 'failed', failure: state.failure };
  return health.kind === 'model-down' ? { kind: 'failed', failure: health.failure } : server.state;
}

function otherServer(candidate: Candidate, options: LocalServersOptions): LocalServer | null {
  const { port, addresses, expected, process } = candidate;
  const answer = options.answers.get(port);
  const owner = ownerOf(candidate, options);
  if (answer?.kind === 'server')
    return { ...describe(answer.server), port, address: answer.server.address, owner };
  const [address] = addresses;
  if (answer?.kind !== 'no-models' || !expected || owner.kind !== 'process' || address === undefined)
    return null;
  const state: ServerState = { kind: 'failed', failure: toFailure(answer.error, 'models') };
  return { port, address, engine: engineOfProcess(process), version: null, models: [], state, owner };
}

function describe({
  engine,
  version,
  models,
  state,
}: ModelServer): Pick<LocalServer, 'engine' | 'version' | 'models' | 'state'> {
  return { engine, version, models: models.map(({ id }) => id), state };
}

/** Whoever forwards there, or else who listens. */
function ownerOf({ port, pid, process }: Candidate, { foreign, processes }: LocalServersOptions): LocalOwner {
  const forward = foreign.find(({ localPort, state }) => localPort === port && state.kind !== 'dead');
  if (forward !== undefined) return { kind: 'foreign', foreignId: forward.id };
  const args = processes.find((one) => one.pid === pid)?.args;
  // The master of a shared connection calls itself by the path of its socket.
  const command = args === undefined || process === 'ssh' ? process : programName(args);
  return { kind: 'process', pid, command: command && plainText(command) };
}
