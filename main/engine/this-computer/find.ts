/** The forwards that other programs hold on this computer: tmux sessions named as vllmctl does, and plain ssh. */

import type { Elsewhere, ForeignForward } from '#common/forwards.ts';
import type { HostId } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import type { Log } from '../log.ts';
import type { Destination, Destinations, SshProcess } from './destinations.ts';
import type { ForwardSpec } from './forward-spec.ts';
import { type LocalProcess, listProcesses, withDescendants, wordsOf } from './process-list.ts';
import { aliasOfName, parseSessionName } from './session-name.ts';
import { parseSshCommand } from './ssh-arguments.ts';
import type { Tmux, TmuxSession } from './tmux.ts';

/** A forward as it was found, before anybody has asked what answers through it. */
export interface FoundForward {
  readonly forward: Omit<ForeignForward, 'models' | 'state'>;
  /** The ssh or autossh that holds it; null in a session that has outlived its own. */
  readonly process: LocalProcess | null;
  /** The ids of the processes that may listen for it. */
  readonly pids: ReadonlySet<number>;
  /** It stands in the configuration, and not on the command line. */
  readonly configured: boolean;
}

export interface Findings extends Pick<Elsewhere, 'tmux' | 'processes'> {
  readonly forwards: readonly FoundForward[];
  /** All processes of the user; empty where they cannot be listed. */
  readonly list: readonly LocalProcess[];
}

export interface FinderDeps {
  readonly tmux: Tmux;
  readonly destinations: Destinations;
  readonly aliases: () => readonly HostId[];
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}

export interface Finder {
  /** Sessions first, by name, then ssh processes by id. Never rejects. */
  find(): Promise<Findings>;
}

export function createFinder({ tmux, destinations, aliases, env, log }: FinderDeps): Finder {
  let before: readonly LocalProcess[] = [];
  return {
    async find() {
      const [listing, processes] = await Promise.all([tmux.list(), listProcesses({ env, before })]);
      const list = processes ?? [];
      before = list;
      const all = await sshProcesses(list);
      const where = await destinations.of(all);
      const placed = all.map((one, at) => place(one, where[at] ?? nowhere));
      for (const { command, process } of placed)
        for (const why of command.ignored)
          log('debug', `A forward of ssh ${process.pid} is left out: ${why}`);
      const sessions = listing.sessions.filter(({ name }) => isWanted(name));
      const trees = new Map(sessions.map(({ name, pids }) => [name, withDescendants(pids, list)]));
      const inSession = (pid: number): boolean => [...trees.values()].some((tree) => tree.has(pid));
      const plain = placed.filter(({ process }) => !inSession(process.pid));
      return {
        tmux: listing.state,
        processes: processes === null ? 'unsupported' : 'available',
        list,
        forwards: [
          ...sessions.flatMap((session) => ofSession(session, { trees, placed, aliases: aliases() })),
          ...plain.flatMap((one) => ofProcess(one, withDescendants([one.process.pid], list))),
        ],
      };
    },
  };
}

interface Placed extends SshProcess, Destination {}

const nowhere: Destination = { hostId: null, configured: [] };

function place(one: SshProcess, destination: Destination): Placed {
  const written = new Set(one.command.forwards.map(keyOf));
  const configured = destination.configured.filter((spec) => !written.has(keyOf(spec)));
  return { ...one, hostId: destination.hostId, configured };
}

function keyOf({ localAddress, localPort }: ForwardSpec): string {
  return `${localAddress} ${localPort}`;
}

/** The ssh clients among the processes. What an autossh has started is its own, and comes back when it is ended. */
async function sshProcesses(list: readonly LocalProcess[]): Promise<readonly SshProcess[]> {
  const likely = list.filter(({ args }) => /^\S*ssh(?:\.exe)?(?:\s|$)/i.test(args));
  const read = await Promise.all(
    likely.map(async (process) => ({ process, command: parseSshCommand(await wordsOf(process)) })),
  );
  const all = read.flatMap(({ process, command }) => (command === null ? [] : { process, command }));
  const keepers = new Set(
    all.flatMap(({ process, command }) => (command.program === 'autossh' ? process.pid : [])),
  );
  return all.filter(({ process }) => !keepers.has(process.parentPid));
}

/** A name with marks that reorder it, or of endless length, is nobody's honest one. */
function isWanted(name: string): boolean {
  return parseSessionName(name) !== null && plainText(name, 250) === name;
}

interface SessionContext {
  readonly trees: ReadonlyMap<string, ReadonlySet<number>>;
  readonly placed: readonly Placed[];
  readonly aliases: readonly HostId[];
}

function ofSession(
  { name }: TmuxSession,
  { trees, placed, aliases }: SessionContext,
): readonly FoundForward[] {
  const target = parseSessionName(name);
  if (target === null) return [];
  const pids = trees.get(name) ?? new Set();
  const within = placed.filter(({ process }) => pids.has(process.pid));
  const specOf = ({ command, configured }: Placed): ForwardSpec | undefined =>
    [...command.forwards, ...configured].find(({ localPort }) => localPort === target.localPort);
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
  const { process, command, hostId, configured } = one;
  const { pid, args, startedAt } = process;
  const found = (spec: ForwardSpec, isConfigured: boolean): FoundForward => ({
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
  const all = [
    ...command.forwards.map((spec) => found(spec, false)),
    ...configured.map((spec) => found(spec, true)),
  ];
  // The same port at two addresses is one forward.
  return [...new Map(all.reverse().map((each) => [each.forward.id, each])).values()].reverse();
}

function clean(spec: ForwardSpec): ForwardSpec {
  return {
    ...spec,
    localAddress: plainText(spec.localAddress, 100),
    remoteAddress: plainText(spec.remoteAddress, 100),
  };
}
