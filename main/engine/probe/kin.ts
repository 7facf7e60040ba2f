/** What processes belong to: those that started them, and their containers. From /proc of the host. Pure. */

import type { Container } from '#common/servers.ts';
import type { ProcessInfo } from './processes.ts';

/** By process id. */
export interface Kin {
  /** Who started a process. */
  readonly parents: ReadonlyMap<number, number>;
  readonly containers: ReadonlyMap<number, Container>;
  /** The addresses of the network namespace in which a process of a container runs. */
  readonly addresses: ReadonlyMap<number, readonly string[]>;
  /** The processes in the network that a proxy of published ports leads to. */
  readonly ledTo: ReadonlyMap<number, readonly number[]>;
  readonly processes: ReadonlyMap<number, ProcessInfo>;
}

/** At most so many are asked for, and of each so many that started one another. */
export const mostAsked = 256;
const mostLines = 20_000;
const mostDeep = 32;

/**
 * Reads the part `kin` of script.ts: lines `parent PID PPID`, `group PID LINE`, `address PID ADDRESS` and `leads PID PID`.
 * Where a cgroup names no container (podman without systemd), conmon does, which keeps it. Never throws.
 */
export function parseKin(text: string, processes: Kin['processes'] = new Map()): Kin {
  const parents = new Map<number, number>();
  const containers = new Map<number, Container>();
  const addresses = new Map<number, string[]>();
  const ledTo = new Map<number, number[]>();
  for (const line of text.split('\n', mostLines)) {
    const [, what, digits = '', rest = ''] =
      /^(parent|group|address|leads) (\d{1,10}) (.{1,4096})$/.exec(line) ?? [];
    const pid = Number(digits);
    const other = /^\d{1,10}$/.test(rest) ? Number(rest) : null;
    if (what === 'parent' && other !== null) parents.set(pid, other);
    else if (what === 'leads' && other !== null) {
      const known = ledTo.get(pid) ?? [];
      if (known.length < mostAsked) ledTo.set(pid, [...known, other]);
    } else if (what === 'group') {
      const container = containerOf(rest);
      if (container !== null) containers.set(pid, container);
    } else if (what === 'address' && /^[\d.]{7,15}$/.test(rest)) {
      const known = addresses.get(pid) ?? [];
      if (known.length < 16) addresses.set(pid, [...known, rest]);
    }
  }
  for (const pid of parents.keys()) {
    const kept = containers.has(pid) ? null : keptBy(lineOf(pid, parents), processes);
    if (kept !== null) containers.set(pid, kept);
  }
  return { parents, containers, addresses, ledTo, processes };
}

function keptBy(line: readonly number[], processes: Kin['processes']): Container | null {
  for (const pid of line) {
    const container = containerOfConmon(processes.get(pid)?.args ?? '');
    if (container !== null) return container;
  }
  return null;
}

/** The container that a command line of conmon keeps (`conmon ... -c ID`); null for any other program. */
export function containerOfConmon(args: string): Container | null {
  const [program = ''] = args.split(/\s/, 1);
  if (!/(?:^|\/)conmon$/.test(program)) return null;
  const id = / (?:-c|--cid) ([\da-f]{64})(?: |$)/.exec(args)?.[1];
  return id === undefined ? null : { kind: 'podman', id: id.slice(0, 12) };
}

/**
 * The container, pod or Slurm job that a line of /proc/PID/cgroup names: `docker-ID.scope`, `/docker/ID`, `libpod-ID.scope`,
 * `cri-containerd-ID.scope`, `/kubepods/.../ID`, `/slurm/uid_1000/job_7/step_0`. Null for anything else.
 */
export function containerOf(group: string): Container | null {
  const job = /\/job_(\d{1,12})(?:\/|$)/.exec(group)?.[1];
  if (job !== undefined && /slurm/.test(group)) return { kind: 'slurm', id: job };
  const id = /(?:^|[/:-])([\da-f]{64})(?:\.scope)?(?:\/|$)/.exec(group)?.[1];
  if (id === undefined) return null;
  const kind = /libpod/.test(group)
    ? 'podman'
    : /kubepods|cri-|crio/.test(group)
      ? 'kubernetes'
      : /docker/.test(group)
        ? 'docker'
        : 'container';
  return { kind, id: id.slice(0, 12) };
}

/** A process and those that started it, the nearest first; without init. */
export function lineOf(pid: number, parents: Kin['parents']): readonly number[] {
  const line: number[] = [];
  for (let at = pid; at > 1 && line.length < mostDeep && !line.includes(at); at = parents.get(at) ?? 0)
    line.push(at);
  return line;
}
