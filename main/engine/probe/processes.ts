/** Who is on a GPU: what its tool lists, joined to GPUs by UUID and to `ps` by process id. Pure. */

import type { GpuProcess } from '#common/hosts.ts';
import { plainText } from '#common/text.ts';
import { cellText } from './tools/csv.ts';
import { type GpuReading, hasOwnUuid } from './tools/gpu-reading.ts';
import type { GpuApp } from './tools/gpu-tool.ts';

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

/** `etime` of ps: `[[dd-]hh:]mm:ss` (POSIX), busybox's `5:23`, `3h12`, `1d02` and `400d`, or `-`. */
const etimeForm = String.raw`(?:(?:\d{1,6}-)?(?:\d{1,2}:)?\d{1,6}:\d{2}|\d{1,6}[hd](?:\d{2})?|-)`;
/** The form of POSIX alone. */
const posixForm = String.raw`(?:(?:\d{1,6}-)?(?:\d{1,2}:)?\d{1,6}:\d{2}|-)`;
/** A name may hold blanks (`CORP\anna schmidt`): what looks like an age ends it. */
const lineWithAge = (form: string): RegExp =>
  new RegExp(`^ {0,20}(\\d{1,10}) {1,20}(\\S.{0,255}?) {1,300}(${form}) +(\\S.*)$`);
const withAge = lineWithAge(etimeForm);
const withPosixAge = lineWithAge(posixForm);
/** Only busybox prints a header, and only there is `1d` an age: elsewhere it may be a part of a name. */
const header = /^ *PID +USER /;
const withoutAge = new RegExp(`^ {0,20}(\\d{1,10}) +(\\S{1,100}) +(?:(${etimeForm}) +)?(\\S.*)$`);
/** busybox without etime: here only the width of the columns tells where a name with blanks ends. */
const ageless = /^( *PID +)(USER +)COMMAND$/;

/**
 * Reads `ps -o pid= -o user= -o etime= -o args=`, and busybox's forms with a header; some busybox know no etime. `users` is what
 * `getent passwd` says of users for whose names ps has no room: it prints their number, or the beginning and a `+`. Never throws.
 */
export function parsePs(text: string, users = ''): ReadonlyMap<number, ProcessInfo> {
  const processes = new Map<number, ProcessInfo>();
  const names = parseUsers(users);
  let columns: { readonly user: number; readonly args: number } | null = null;
  const isBusybox = header.test(text);
  for (const line of text.split('\n')) {
    const [, pidTitle = '', userTitle = ''] = ageless.exec(line) ?? [];
    if (userTitle !== '') columns = { user: pidTitle.length, args: pidTitle.length + userTitle.length };
    const inColumns = columns !== null && /^ *\d{1,10} +$/.test(line.slice(0, columns.user));
    const [, pid, user, age = '', args] =
      columns === null
        ? ((isBusybox ? null : withPosixAge.exec(line)) ?? withAge.exec(line) ?? withoutAge.exec(line) ?? [])
        : (withoutAge.exec(inColumns ? joinName(line, columns) : line) ?? []);
    if (pid !== undefined && user !== undefined && args !== undefined)
      processes.set(Number(pid), { user: names(user.replaceAll(gap, ' ')), age: parseAge(age), args });
  }
  return processes;
}

/** Stands for a blank within a name; no name holds it. */
const gap = '\u0001';

function joinName(line: string, { user, args }: { readonly user: number; readonly args: number }): string {
  const name = line.slice(user, args).trim().replaceAll(' ', gap);
  return `${line.slice(0, user)}${name} ${line.slice(args)}`;
}

/** The full name of a user as ps prints it, by lines of passwd(5): `name:x:1000:...`. */
function parseUsers(text: string): (printed: string) => string {
  const byNumber = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, number] = /^([^:]{1,256}):[^:]{0,300}:(\d{1,10}):/.exec(line) ?? [];
    if (name !== undefined && number !== undefined) byNumber.set(number, name);
  }
  return (printed) => {
    const begun = [...byNumber.values()].filter((name) => name.startsWith(printed.slice(0, -1)));
    const whole = printed.endsWith('+') && begun.length === 1 ? begun[0] : undefined;
    return whole ?? byNumber.get(printed) ?? printed;
  };
}

const day = 86_400;

/** How old a process is by `etime` of ps; null where it does not say. */
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
    const mine = apps.filter((app) => isOn(app, gpu, gpus.length === 1));
    const described = mine.map((app): GpuProcess => {
      const info = processes.get(app.pid);
      return {
        pid: app.pid,
        user: info === undefined ? null : plainText(info.user, 256),
        startedAt: info?.age ? startOf(info.age, now, starts.get(app.pid) ?? null) : null,
        command: commandOf(app.name ?? '', info?.args ?? null) || 'unknown',
        memUsedMiB: app.memUsedMiB,
      };
    });
    return { ...gpu, processes: described };
  });
}

/** By UUID; where one is missing, on either side, on the only GPU there is. */
function isOn({ uuid }: GpuApp, gpu: GpuReading, only: boolean): boolean {
  if (uuid !== '' && uuid === gpu.uuid) return true;
  return only && (cellText(uuid) === null || !hasOwnUuid(gpu));
}

/** The program by its command line, where ps knows it, and by the path that the GPU tool names. */
function commandOf(named: string, args: string | null): string {
  if (args === null) return namedProgram(named);
  // Of a command line with blanks in its path, only the separate path says where that ends.
  const isPath = named.includes(' ') && (args === named || args.startsWith(`${named} `));
  return isPath ? namedProgram(named) : programName(args);
}

/**
 * The program in a path that may hold blanks: `/opt/My Tools/bin/trainer`, `C:\Program Files\Company\render.exe`. Where a
 * process has put its arguments into its own name, they stay out.
 */
function namedProgram(name: string): string {
  const windows = /^(?:[A-Za-z]:|\\)\\/.test(name);
  if (!windows && !/^\.{0,2}\//.test(name)) return programName(name);
  const whole = name.slice(0, 4096);
  const [first = ''] = whole.split(/\s/, 1);
  if (interpreter.test(first.slice(first.lastIndexOf('/') + 1))) return programName(whole);
  const path = windows
    ? (/^.{0,4000}?\.exe(?= |$)/i.exec(whole)?.[0] ?? whole)
    : (whole.split(/ (?=[-/])/, 1)[0] ?? '');
  const program = path.slice(path.lastIndexOf(windows ? '\\' : '/') + 1);
  return plainText(program || path, 200);
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
