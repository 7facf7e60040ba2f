/** The processes of the user on this computer, from `ps` (Linux, macOS) or PowerShell (Windows). */

import { readFile, readlink } from 'node:fs/promises';
import { parseAge, startOf } from '../probe/processes.ts';
import { run } from '../ssh/io/child.ts';
import type { LocalProcess } from './local-process.ts';
import { listWindowsProcesses, splitCommandLine } from './windows-processes.ts';

const timeoutMs = 5000;
/** Longer ones are cut: a Java program's can be a megabyte. */
const longestArgs = 20_000;

export interface ListOptions {
  readonly env: NodeJS.ProcessEnv;
  /** What was listed before, so that the start of a process does not change with every look. */
  readonly before: readonly LocalProcess[];
}

/** The processes of this user; null where they cannot be listed (no PowerShell, a ps that knows no such columns). */
export async function listProcesses({ env, before }: ListOptions): Promise<readonly LocalProcess[] | null> {
  if (process.platform === 'win32') return await listWindowsProcesses(env);
  const userId = process.getuid?.();
  if (userId === undefined) return null;
  const columns = ['pid=', 'ppid=', 'uid=', 'etime=', 'args='].flatMap((column) => ['-o', column]);
  const result = await run('ps', ['-A', '-ww', ...columns], { env: { ...env, LC_ALL: 'C' }, timeoutMs });
  if (result.kind !== 'ended' || result.code !== 0) return null;
  return parseProcessList(result.stdout, { userId, now: Date.now(), before });
}

export interface ProcessLister {
  /** As {@link listProcesses}; where a look costs a second of work (PowerShell), the latest one serves for some seconds. */
  list(): Promise<readonly LocalProcess[] | null>;
}

/** How long a list of Windows serves, unless an ssh in it has ended since. */
const reuseMs = 10_000;

/** A lister for one onlooker, who asks again and again; one list is under way at a time. */
export function createProcessLister(
  env: NodeJS.ProcessEnv,
  {
    list = listProcesses,
    reuse = process.platform === 'win32',
    now = () => performance.now(),
  }: ListerOptions = {},
): ProcessLister {
  let latest: readonly LocalProcess[] = [];
  let until = Number.NEGATIVE_INFINITY;
  const isFresh = (): boolean =>
    reuse && now() < until && latest.every((one) => !isSshCommand(one) || isRunning(one.pid));
  return {
    async list() {
      if (isFresh()) return latest;
      const found = await list({ env, before: latest });
      latest = found ?? [];
      until = found === null ? Number.NEGATIVE_INFINITY : now() + reuseMs;
      return found;
    },
  };
}

export interface ListerOptions {
  readonly list?: (options: ListOptions) => Promise<readonly LocalProcess[] | null>;
  readonly reuse?: boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Whether the command line begins with a program that is called ssh or something like it, in quotes or not. */
export function isSshCommand({ args }: LocalProcess): boolean {
  return /^(?:"[^"]*ssh(?:\.exe)?"|\S*ssh(?:\.exe)?)(?:\s|$)/i.test(args);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // ESRCH, or EPERM: then it has been given to another person's program.
    return false;
  }
}

export interface ParseOptions extends Pick<ListOptions, 'before'> {
  readonly userId: number;
  readonly now: number;
}

/** Reads `ps -A -ww -o pid= -o ppid= -o uid= -o etime= -o args=`; keeps what belongs to this user. Never throws. */
export function parseProcessList(
  text: string,
  { userId, now, before }: ParseOptions,
): readonly LocalProcess[] {
  const starts = new Map(before.map(({ pid, startedAt }) => [pid, startedAt]));
  return text.split('\n').flatMap((line) => {
    const [, pid, parentPid, uid, etime = '', args = ''] =
      /^ {0,20}(\d{1,10}) +(\d{1,10}) +(-?\d{1,10}) +(\S{1,25}) +(\S.*)$/.exec(line) ?? [];
    // One that has ended, and that its parent has not asked about.
    const isOver = args.endsWith('<defunct>');
    if (pid === undefined || Number(uid) !== userId || isOver) return [];
    const age = parseAge(etime);
    return {
      pid: Number(pid),
      parentPid: Number(parentPid),
      startedAt: age && startOf(age, now, starts.get(Number(pid)) ?? null),
      args: args.slice(0, longestArgs),
    };
  });
}

/** How much the computed starts of one process may differ between two looks. */
const sameStartMs = 5000;

/** Whether both are one process, and not two that were given the same id one after the other. */
export function isSameProcess(a: LocalProcess, b: LocalProcess): boolean {
  const sameStart =
    a.startedAt === null || b.startedAt === null
      ? a.startedAt === b.startedAt
      : Math.abs(a.startedAt - b.startedAt) < sameStartMs;
  return a.pid === b.pid && a.args === b.args && sameStart;
}

/**
 * The words of a command line as they are, where /proc tells them; by the rules of Windows there; else `args` cut at blanks.
 * Never rejects.
 */
export async function wordsOf({ pid, args }: LocalProcess): Promise<readonly string[]> {
  if (process.platform === 'win32') return splitCommandLine(args);
  const exact = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return exact === '' ? args.trim().split(/\s+/) : exact.split('\0');
}

/** The folder in which a process runs; null where /proc does not tell it. Never rejects. */
export async function folderOf({ pid }: LocalProcess): Promise<string | null> {
  return await readlink(`/proc/${pid}/cwd`).catch(() => null);
}

/** The process ids of these processes and of all that they have started. */
export function withDescendants(
  pids: readonly number[],
  processes: readonly LocalProcess[],
): ReadonlySet<number> {
  const tree = new Set(pids);
  for (let size = -1; size !== tree.size; ) {
    size = tree.size;
    for (const { pid, parentPid } of processes) if (tree.has(parentPid)) tree.add(pid);
  }
  return tree;
}
