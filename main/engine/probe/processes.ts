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
  /** Null where ps does not say. */
  readonly age: Age | null;
  readonly args: string;
}

export interface Age {
  readonly seconds: number;
  /** What `seconds` is rounded down to: one second, but a minute, an hour or a day in busybox. */
  readonly step: number;
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

/**
 * Reads `ps -o pid= -o user= -o etime= -o args=`, and busybox's forms with a header; some busybox know no etime. Never
 * throws.
 */
export function parsePs(text: string): ReadonlyMap<number, ProcessInfo> {
  const processes = new Map<number, ProcessInfo>();
  for (const line of text.split('\n')) {
    const [, pid, user, age = '', args] =
      /^ {0,20}(\d{1,10}) +(\S{1,100}) +(?:(\d[\d:dh-]{0,20}|-) +)?(\S.*)$/.exec(line) ?? [];
    if (pid !== undefined && user !== undefined && args !== undefined)
      processes.set(Number(pid), { user, age: parseAge(age), args });
  }
  return processes;
}

const day = 86_400;

/** Reads `etime` of ps: `[[dd-]hh:]mm:ss` (POSIX), or busybox's `5:23`, `3h12`, `1d02` and `400d`. */
export function parseAge(etime: string): Age | null {
  const [, days = '0', hours = '0', minutes, seconds] =
    /^(?:(?:(\d{1,6})-)?(\d{1,2}):)?(\d{1,6}):(\d{2})$/.exec(etime) ?? [];
  if (minutes !== undefined && seconds !== undefined)
    return {
      seconds: Number(days) * day + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
      step: 1,
    };
  const [, many, unit, rest = ''] = /^(\d{1,6})([hd])(\d{2})?$/.exec(etime) ?? [];
  if (unit === 'h') return { seconds: Number(many) * 3600 + Number(rest) * 60, step: 60 };
  if (unit === 'd')
    return { seconds: Number(many) * day + Number(rest) * 3600, step: rest === '' ? day : 3600 };
  return null;
}

/** A computed start moves about by rounding and by the time that answers take; within this it is the same. */
const sameStartMs = 3000;

/** When it started, in milliseconds since the epoch: as known before, where that agrees with its age. */
export function startOf(age: Age, now: number, known: number | null): number {
  const latest = now - age.seconds * 1000;
  // The age is rounded down: it may have started up to a step earlier.
  const earliest = latest - (age.step - 1) * 1000;
  const agrees = known !== null && known > earliest - sameStartMs && known < latest + sameStartMs;
  return agrees ? known : latest;
}

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
  return gpus.map((gpu) => {
    const mine = apps.filter((app) => app.uuid === gpu.uuid && app.uuid !== '');
    const described = mine.map((app): GpuProcess => {
      const info = processes.get(app.pid);
      return {
        pid: app.pid,
        user: info === undefined ? null : plainText(info.user, 100),
        startedAt: info?.age ? startOf(info.age, now, starts.get(app.pid) ?? null) : null,
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
    else if (/^-c(?!p$)/.test(word)) return '-c';
    else if (/^--?(?:eval|print)(?:=|$)/.test(word)) return '--eval';
    else if (!word.startsWith('-')) return word.slice(word.lastIndexOf('/') + 1);
  }
  return '';
}
