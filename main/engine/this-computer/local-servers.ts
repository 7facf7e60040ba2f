/** From what answered on the ports of this computer to its local servers, as the Snapshot has them. Pure. */

import { toFailure } from '#common/failure.ts';
import type { Forward } from '#common/forwards.ts';
import type { LocalOwner, LocalServer } from '#common/local-servers.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import type { ModelServer, ServerState } from '#common/servers.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { plainText } from '#common/text.ts';
import type { Candidate } from '../models/candidates.ts';
import type { LoadAnswer } from '../models/load-reader.ts';
import { engineOfProcess } from '../models/process-names.ts';
import { programName } from '../probe/processes.ts';
import type { PortAnswer } from './ask.ts';
import type { Findings } from './find.ts';
import { type Copy, copyAt } from './local-ports.ts';
import type { LocalProcess } from './local-process.ts';

export interface LocalServersOptions {
  readonly snapshot: Snapshot;
  readonly otherForwards: readonly OtherForward[];
  /** Of the user, as far as they can be listed. */
  readonly processes: readonly LocalProcess[];
  /** The ids of the processes in each tmux session, by its name. */
  readonly sessions: Findings['sessions'];
  /** The forwards of other copies of the app. */
  readonly copies: readonly Copy[];
  /** What was to be asked. */
  readonly candidates: readonly Candidate[];
  /** By port. */
  readonly answers: ReadonlyMap<number, PortAnswer>;
  /** By port, as far as it is measured here. */
  readonly loads: ReadonlyMap<number, LoadAnswer>;
}

/**
 * By port. Behind this app's own forwards are the servers that the hosts have shown: nothing is asked through them, since
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
    loads: [],
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
  if (answer?.kind === 'server') {
    const { loads = [], asleep = false, stuck = null } = options.loads.get(port) ?? {};
    const server = { ...describe(answer.server), port, address: answer.server.address, loads, owner };
    return asleep ? { ...server, state: { kind: 'sleeping' } } : stuck ? { ...server, state: stuck } : server;
  }
  const [address] = addresses;
  if (answer?.kind !== 'no-models' || !expected || owner.kind === 'other-forward' || address === undefined)
    return null;
  const state: ServerState = { kind: 'failed', failure: toFailure(answer.error, 'models') };
  return {
    port,
    address,
    engine: engineOfProcess(process),
    version: null,
    models: [],
    state,
    loads: [],
    owner,
  };
}

function describe({
  engine,
  version,
  models,
  state,
}: ModelServer): Pick<LocalServer, 'engine' | 'version' | 'models' | 'state'> {
  return { engine, version, models: models.map(({ id }) => id), state };
}

/** The program that forwards there, or else the one that listens. */
function ownerOf(
  candidate: Candidate,
  { otherForwards, processes, copies, sessions }: LocalServersOptions,
): LocalOwner {
  const { port, pid, process } = candidate;
  const forward = otherForwards.find(({ localPort, state }) => localPort === port && state.kind !== 'dead');
  if (forward !== undefined) return { kind: 'other-forward', otherForwardId: forward.id };
  const copy = copyAt(candidate, copies);
  if (copy !== null) return { kind: 'copy', pid: copy.pid, hostId: copy.hostId, remotePort: copy.remotePort };
  const args = processes.find((one) => one.pid === pid)?.args;
  // The master of a shared connection calls itself by the path of its socket.
  const command = args === undefined || process === 'ssh' ? process : programName(args);
  const session = pid === null ? undefined : [...sessions].find(([, pids]) => pids.has(pid))?.[0];
  const owner = { kind: 'process', pid, command: command && plainText(command) } as const;
  return session === undefined ? owner : { ...owner, session };
}
