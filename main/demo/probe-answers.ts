/** What the programs of a demo host print for the app's probe, without running any: as programs.ts answers it in sh and awk. */

import { workersAfter } from './occupant.ts';
import type { ProbePart, ProbeRequest } from './probe-session.ts';
import { columnAliases } from './programs.ts';
import type { StateFiles } from './state-files.ts';

export interface AnsweringHost {
  readonly hasGpus: boolean;
  readonly state: StateFiles;
  /** Seconds since the epoch, from which the ages of processes are counted. */
  readonly nowS: number;
}

/** What the probe's script asks of nvidia-smi where a request names no columns. */
const usualColumns = [
  'index,uuid,name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw,driver_version,mig.mode.current',
  'power.limit,fan.speed,clocks.current.sm,clocks.current.memory,ecc.errors.uncorrected.volatile.total',
  'clocks_event_reasons.active,pci.bus_id',
].join(',');

/** The parts that answer one request of main/engine/probe/script.ts, in its order; none for one that is not known. */
export function probeAnswer(host: AnsweringHost, { verb, words }: ProbeRequest): readonly ProbePart[] {
  const { state, hasGpus } = host;
  const [word = '', without = ''] = words;
  switch (verb) {
    case 'gpus': {
      const hasTool = hasGpus && !without.split(',').includes('nvidia-smi');
      const load = part('host', systemText(state));
      return hasTool
        ? [queried('gpus', state.gpus, word || usualColumns), load]
        : [part('none', '', 127), load];
    }
    case 'apps': {
      if (!hasGpus) return [];
      const apps = queried('apps', state.apps, 'gpu_uuid,pid,process_name,used_memory');
      const mig = word === 'mig' ? [part('mig', state.xml), part('list', state.list)] : [];
      const pids = records(state.apps).slice(1);
      return [apps, ...mig, ...(pids.length === 0 ? [] : [psPart(host, pids.map(pidOf))])];
    }
    case 'names':
      return [psPart(host, word.split(','))];
    case 'kin': {
      const pids = word.split(',');
      return [part('kin', parentsText(host, pids)), psPart(host, pids)];
    }
    case 'facts':
      return hasGpus ? [part('cuda', state.compute)] : [];
    case 'ports':
      return [part('ss', records(state.listen).map(listenRow).join(''))];
    default:
      return [];
  }
}

const part = (name: string, text: string, code = 0): ProbePart => ({ name, code, text });

const records = (table: string): readonly (readonly string[])[] =>
  table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('|'));

/** The columns of a table in the order asked for, as nvidia-smi prints them with `--format=csv,nounits`. */
function queried(name: string, table: string, asked: string): ProbePart {
  const [titles = [], ...rows] = records(table);
  const keys = titles.map((title) => title.replace(/ \[.*$/, ''));
  const columns: number[] = [];
  for (const key of asked.split(',')) {
    const at = [key, columnAliases.get(key) ?? key].map((one) => keys.indexOf(one)).find((one) => one >= 0);
    if (at === undefined) return part(name, `Field "${key}" is not a valid field to query.\n\n`, 2);
    columns.push(at);
  }
  const row = (cells: readonly string[]) => `${columns.map((at) => cells[at] ?? '').join(', ')}\n`;
  return part(name, [titles, ...rows].map(row).join(''));
}

/** Of a row of the table of processes on GPUs: its column `pid`. */
const pidOf = (cells: readonly string[]): string => cells[4] ?? '';

/** `ps -o pid= -o user:64= -o etime= -o args= -p PIDS`. */
function psPart({ state, nowS }: AnsweringHost, pids: readonly string[]): ProbePart {
  const rows = records(state.processes).flatMap(([pid = '', user = '', startedS = '', , args = '']) =>
    pids.includes(pid)
      ? `${pid.padStart(7)} ${user.padEnd(8)} ${elapsed(nowS - Number(startedS)).padStart(7)} ${args}\n`
      : [],
  );
  return part('ps', rows.join(''), rows.length === 0 ? 1 : 0);
}

/** `[[DD-]HH:]MM:SS` */
function elapsed(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const minutes = `${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
  if (seconds < 3600) return minutes;
  const hours = `${two((seconds / 3600) % 24)}:${minutes}`;
  return seconds < 86_400 ? hours : `${Math.floor(seconds / 86_400)}-${hours}`;
}

/** `parent PID PPID`: the workers of a model server were started by the one that listens, as occupant.ts numbers them. */
function parentsText({ state }: AnsweringHost, pids: readonly string[]): string {
  const listeners = [...state.listen.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));
  const parentOf = (pid: number): number =>
    listeners.find((one) => pid >= one + workersAfter && pid < one + workersAfter + 16) ?? 1;
  return pids.map((pid) => `parent ${pid} ${parentOf(Number(pid))}\n`).join('');
}

/** `ss -H -ltnp`. */
function listenRow([here = '', peer = '', users = '']: readonly string[]): string {
  const cells = ['LISTEN'.padEnd(6), '0'.padEnd(6), '2048'.padEnd(6), here.padStart(21), peer.padStart(13)];
  return `${cells.join(' ')} ${users}\n`;
}

const kibOfGib = 1_048_576;

/**
 * Load and memory as the shell reads them from /proc. In sh they are this computer's own, which has no such files here: so
 * they are made up, a little for each process.
 */
function systemText({ gpus, processes }: StateFiles): string {
  const cards = Math.max(1, records(gpus).length - 1);
  const running = records(processes).length;
  const totalKib = cards * 192 * kibOfGib;
  const availableKib = totalKib - (8 + Math.min(running, cards) * 60) * kibOfGib;
  const load = (0.2 + running * 1.6).toFixed(2);
  return `${load} ${load} ${load} ${1 + running}/400 1\ncpus 0-${cards * 16 - 1}\nMemTotal: ${totalKib} kB\nMemAvailable: ${availableKib} kB\n`;
}
