/** Who is on a GPU: what its tool lists, joined to GPUs by UUID and to `ps` by process id. Pure. */

import type { GpuProcess } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import { cellNumber, cellText, parseCsv } from './csv.ts';
import type { GpuReading } from './gpu-reading.ts';

const appColumns = ['gpu_uuid', 'pid', 'process_name', 'used_memory'];

/** A process that a GPU tool names. */
export interface GpuApp {
  /** The GPU's. */
  readonly uuid: string;
  readonly pid: number;
  readonly name: string | null;
  readonly memUsedMiB: number | null;
}

export interface ProcessInfo {
  readonly user: string;
  /** Null where ps prints another form. */
  readonly ageS: number | null;
  readonly args: string;
}

/** Reads `nvidia-smi --query-compute-apps=gpu_uuid,pid,process_name,used_memory --format=csv,nounits`. Never throws. */
export function parseGpuApps(text: string): readonly GpuApp[] {
  const { rows } = parseCsv(text, appColumns, 'process_name');
  return rows.flatMap((row) => {
    const pid = cellNumber(row.pid);
    if (pid === null || !Number.isInteger(pid) || pid <= 0) return [];
    return {
      uuid: row.gpu_uuid ?? '',
      pid,
      name: cellText(row.process_name),
      // Asked for by one name, printed by another.
      memUsedMiB: cellNumber(row.used_gpu_memory ?? row.used_memory),
    };
  });
}

/** Reads `ps -o pid= -o user= -o etime= -o args=`, and busybox's form with a header. Never throws. */
export function parsePs(text: string): ReadonlyMap<number, ProcessInfo> {
  const processes = new Map<number, ProcessInfo>();
  for (const line of text.split('\n')) {
    const [, pid, user, age, args] =
      /^ {0,20}(\d{1,10}) +(\S{1,100}) +(\d[\d:-]{0,20}) +(\S.*)$/.exec(line) ?? [];
    if (pid !== undefined && user !== undefined && age !== undefined && args !== undefined)
      processes.set(Number(pid), { user, ageS: parseAge(age), args });
  }
  return processes;
}

/** Seconds in `[[dd-]hh:]mm:ss` (POSIX ps, etime). */
function parseAge(etime: string): number | null {
  const [, days = '0', hours = '0', minutes, seconds] =
    /^(?:(?:(\d{1,6})-)?(\d{1,2}):)?(\d{1,6}):(\d{2})$/.exec(etime) ?? [];
  if (minutes === undefined || seconds === undefined) return null;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}

/** A computed start moves about by rounding and by the time that answers take; within this it is the same. */
const sameStartMs = 3000;

export interface JoinOptions {
  readonly processes: ReadonlyMap<number, ProcessInfo>;
  /** When `processes` was read, in milliseconds since the epoch. */
  readonly now: number;
  /** What was said before, so that the start of a process does not change with every look. */
  readonly before: readonly GpuReading[];
}

/** The GPUs with their processes, in the order in which the tool named them. */
export function joinProcesses(
  gpus: readonly GpuReading[],
  apps: readonly GpuApp[],
  { processes, now, before }: JoinOptions,
): readonly GpuReading[] {
  if (apps.length === 0) return gpus;
  const starts = new Map(
    before.flatMap((gpu) => gpu.processes.map(({ pid, startedAt }) => [pid, startedAt])),
  );
  const startOf = (pid: number, { ageS }: ProcessInfo): number | null => {
    if (ageS === null) return null;
    const start = now - ageS * 1000;
    const known = starts.get(pid) ?? null;
    return known !== null && Math.abs(known - start) < sameStartMs ? known : start;
  };
  return gpus.map((gpu) => {
    const mine = apps.filter((app) => app.uuid === gpu.uuid && app.uuid !== '');
    const described = mine.map((app): GpuProcess => {
      const info = processes.get(app.pid);
      return {
        pid: app.pid,
        user: info === undefined ? null : plainText(info.user, 100),
        startedAt: info === undefined ? null : startOf(app.pid, info),
        command: programName(info?.args ?? app.name ?? '') || 'unknown',
        memUsedMiB: app.memUsedMiB,
      };
    });
    return { ...gpu, processes: described };
  });
}

const interpreter = /^(?:python[\d.]*|pypy[\d.]*|node|bash|sh|perl|ruby|julia|java)$/;

/**
 * The program in a command line without its arguments, where keys and tokens stand: `python3 train.py`,
 * `python3 -m vllm.entrypoints.openai.api_server`, `VLLM::EngineCore`. At most 200 characters.
 */
export function programName(args: string): string {
  const [path = '', ...rest] = args.trim().slice(0, 4096).split(/\s+/);
  const program = path.slice(path.lastIndexOf('/') + 1) || path;
  return plainText(interpreter.test(program) ? `${program} ${scriptOf(rest)}` : program, 200);
}

/** What an interpreter runs: the first word that is no option. Code given on the command line stays out. */
function scriptOf(words: readonly string[]): string {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '-m') return `-m ${words[at + 1] ?? ''}`;
    if (word === '-W' || word === '-X') at += 1;
    else if (/^-[a-zA-Z]*[ce]$/.test(word)) return word;
    else if (!word.startsWith('-')) return word.slice(word.lastIndexOf('/') + 1);
  }
  return '';
}
