/** The other forwards of this computer: tmux sessions named as vllmctl does, and plain ssh. */

import type { HostId } from '#common/ids.ts';
import { isOpenToNetwork, type OtherForward, type OtherForwards } from '#common/other-forwards.ts';
import { plainText } from '#common/text.ts';
import type { Log } from '../diagnostics/log.ts';
import type { Destination, Destinations, SshProcess } from './destinations.ts';
import { type PlacedSpec, placed } from './forward-spec.ts';
import type { LocalProcess } from './local-process.ts';
import { createProcessLister, isSshCommand, withDescendants, wordsOf } from './process-list.ts';
import { aliasOfName, parseSessionName } from './session-name.ts';
import { parseSshCommand } from './ssh-arguments.ts';
import type { Tmux, TmuxSession } from './tmux.ts';

/** A forward as it was found, before anybody has asked what answers through it. */
export interface FoundForward {
  readonly forward: Omit<OtherForward, 'models' | 'state'>;
  /** The ssh or autossh that holds it; null in a session that has outlived its own. */
  readonly process: LocalProcess | null;
  /** The ids of the processes that may listen for it. */
  readonly pids: ReadonlySet<number>;
  /** It stands in the configuration, and not on the command line. */
  readonly configured: boolean;
}

export interface Findings extends Pick<OtherForwards, 'tmux' | 'processes'> {
  readonly forwards: readonly FoundForward[];
  /** All processes of the user; empty where they cannot be listed. */
  readonly list: readonly LocalProcess[];
  /** The ids of the processes in each tmux session, whatever it is for, by its name. */
  readonly sessions: ReadonlyMap<string, ReadonlySet<number>>;
}

export interface FinderDeps {
  readonly tmux: Tmux;
  readonly destinations: Destinations;
  readonly aliases: () => readonly HostId[];
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** What the names of sessions that hold forwards begin with; absent: vllmctl's. */
  readonly tmuxPrefix?: string | undefined;
}

export interface Finder {
  /** Sessions first, by name, then ssh processes by id. Never rejects. */
  find(): Promise<Findings>;
}

export function createFinder({ tmux, destinations, aliases, env, log, tmuxPrefix }: FinderDeps): Finder {
  const lister = createProcessLister(env);
  return {
    async find() {
      const [listing, processes] = await Promise.all([tmux.list(), lister.list()]);
      const list = processes ?? [];
      const all = await sshProcesses(list);
      const where = await destinations.of(all);
      const inPlace = all.map((one, at) => place(one, where[at]));
      for (const { command, process } of inPlace)
        for (const why of command.ignored)
          log('debug', `A forward of ssh ${process.pid} is left out: ${why}`);
      // A name with marks that reorder it, or of endless length, is no honest one.
      const honest = listing.sessions.filter(({ name }) => plainText(name, 250) === name);
      const trees = new Map(honest.map(({ name, pids }) => [name, withDescendants(pids, list)]));
      const sessions = honest.filter(({ name }) => parseSessionName(name, tmuxPrefix) !== null);
      const inSession = (pid: number): boolean =>
        sessions.some(({ name }) => trees.get(name)?.has(pid) ?? false);
      const plain = inPlace.filter(({ process }) => !inSession(process.pid));
      return {
        tmux: listing.state,
        processes: processes === null ? 'unsupported' : 'available',
        list,
        sessions: trees,
        forwards: [
          ...sessions.flatMap((session) =>
            ofSession(session, { trees, inPlace, aliases: aliases(), tmuxPrefix }),
          ),
          ...plain.flatMap((one) => ofProcess(one, withDescendants([one.process.pid], list))),
        ],
      };
    },
  };
}

interface Placed extends SshProcess {
  readonly hostId: HostId | null;
  /** Those on the command line. */
  readonly written: readonly PlacedSpec[];
  /** Those that stand in the configuration alone. */
  readonly configured: readonly PlacedSpec[];
}

function place(one: SshProcess, destination: Destination | undefined): Placed {
  const { hostId = null, gatewayPorts = one.command.gatewayPorts === true } = destination ?? {};
  const [written, all] = [one.command.forwards, destination?.configured ?? []].map((specs) =>
    specs.map((spec) => placed(spec, gatewayPorts)),
  ) as [PlacedSpec[], PlacedSpec[]];
  const keys = new Set(written.map(keyOf));
  return { ...one, hostId, written, configured: all.filter((spec) => !keys.has(keyOf(spec))) };
}

function keyOf({ localAddress, localPort }: PlacedSpec): string {
  return `${localAddress} ${localPort}`;
}

/** The ssh clients among the processes. What an autossh has started is its own, and comes back when it is ended. */
async function sshProcesses(list: readonly LocalProcess[]): Promise<readonly SshProcess[]> {
  const likely = list.filter(isSshCommand);
  const read = await Promise.all(
    likely.map(async (process) => ({ process, command: parseSshCommand(await wordsOf(process)) })),
  );
  const all = read.flatMap(({ process, command }) => (command === null ? [] : { process, command }));
  const keepers = new Set(
    all.flatMap(({ process, command }) => (command.program === 'autossh' ? process.pid : [])),
  );
  return all.filter(({ process }) => !keepers.has(process.parentPid));
}

interface SessionContext {
  readonly trees: ReadonlyMap<string, ReadonlySet<number>>;
  readonly inPlace: readonly Placed[];
  readonly aliases: readonly HostId[];
  readonly tmuxPrefix: string | undefined;
}

function ofSession(
  { name }: TmuxSession,
  { trees, inPlace, aliases, tmuxPrefix }: SessionContext,
): readonly FoundForward[] {
  const target = parseSessionName(name, tmuxPrefix);
  if (target === null) return [];
  const pids = trees.get(name) ?? new Set();
  const within = inPlace.filter(({ process }) => pids.has(process.pid));
  const specOf = ({ written, configured }: Placed): PlacedSpec | undefined =>
    [...written, ...configured].find(({ localPort }) => localPort === target.localPort);
  const holder = within.find((one) => specOf(one) !== undefined) ?? within[0];
  const hostId = holder === undefined ? aliasOfName(target.host, aliases) : holder.hostId;
  const assumed = { localAddress: 'localhost', remoteAddress: 'localhost', remotePort: target.remotePort };
  const spec = holder === undefined ? undefined : specOf(holder);
  return [
    {
      forward: {
        id: `tmux ${name}`,
        owner: { kind: 'tmux', session: name },
        destination: plainText(hostId ?? holder?.command.destination ?? target.host),
        hostId,
        ...clean({ ...assumed, ...spec, localPort: target.localPort }),
      },
      process: holder?.process ?? null,
      pids,
      configured: false,
    },
  ];
}

function ofProcess(one: Placed, pids: ReadonlySet<number>): readonly FoundForward[] {
  const { process, command, hostId, written, configured } = one;
  const { pid, args, startedAt } = process;
  const found = (spec: PlacedSpec, isConfigured: boolean): FoundForward => ({
    forward: {
      id: `ssh ${pid} ${spec.localPort}`,
      owner: { kind: 'ssh', pid, command: plainText(args, 300), startedAt },
      destination: plainText(hostId ?? command.destination),
      hostId,
      ...clean(spec),
    },
    process,
    pids,
    configured: isConfigured,
  });
  const all = [...written.map((spec) => found(spec, false)), ...configured.map((spec) => found(spec, true))];
  // The same port at two addresses is one forward, and the one that is open to others tells what it is.
  const byOpen = [...all].sort(
    (a, b) => Number(isOpenToNetwork(a.forward)) - Number(isOpenToNetwork(b.forward)),
  );
  const chosen = new Map(byOpen.map((each) => [each.forward.id, each]));
  return [...new Set(all.map(({ forward }) => forward.id))].flatMap((id) => chosen.get(id) ?? []);
}

function clean(spec: PlacedSpec): PlacedSpec {
  return {
    ...spec,
    localAddress: plainText(spec.localAddress, 100),
    remoteAddress: plainText(spec.remoteAddress, 100),
  };
}
