/** Who is on a GPU: `nvidia-smi --query-compute-apps` joined to GPUs by UUID and to `ps` by process id. */

import type { GpuProcess } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import { cellNumber, cellText, parseCsv } from './csv.ts';
import type { GpuReading } from './nvidia.ts';

const appColumns = ['gpu_uuid', 'pid', 'process_name', 'used_memory'];

interface GpuApp {
  readonly uuid: string;
  readonly pid: number;
  readonly name: string | null;
  readonly memUsedMiB: number | null;
}

interface ProcessInfo {
  readonly user: string;
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

/** Reads `ps -o pid= -o user= -o args=`, and busybox's form with a header. Never throws. */
export function parsePs(text: string): ReadonlyMap<number, ProcessInfo> {
  const processes = new Map<number, ProcessInfo>();
  for (const line of text.split('\n')) {
    const [, pid, user, args] = /^ {0,20}(\d{1,10}) +(\S{1,100}) +(\S.*)$/.exec(line) ?? [];
    if (pid !== undefined && user !== undefined && args !== undefined)
      processes.set(Number(pid), { user, args });
  }
  return processes;
}

/** The GPUs with their processes, in the order in which nvidia-smi named them. */
export function joinProcesses(
  gpus: readonly GpuReading[],
  apps: readonly GpuApp[],
  processes: ReadonlyMap<number, ProcessInfo>,
): readonly GpuReading[] {
  if (apps.length === 0) return gpus;
  return gpus.map((gpu) => {
    const mine = apps.filter((app) => app.uuid === gpu.uuid && app.uuid !== '');
    return { ...gpu, processes: mine.map((app) => describe(app, processes.get(app.pid))) };
  });
}

function describe(app: GpuApp, info: ProcessInfo | undefined): GpuProcess {
  return {
    pid: app.pid,
    user: info === undefined ? null : plainText(info.user, 100),
    command: programName(info?.args ?? app.name ?? '') || 'unknown',
    memUsedMiB: app.memUsedMiB,
  };
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
