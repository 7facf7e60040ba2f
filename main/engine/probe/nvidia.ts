/** GPUs as `nvidia-smi --query-gpu=... --format=csv,nounits` prints them, and what it prints instead when it fails. */

import { AppError } from '#common/errors.ts';
import type { Gpu } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import { type CsvTable, cellNumber, cellText, parseCsv } from './csv.ts';

/** One sample of a GPU; how many there were and how idle they were is counted by who keeps them. */
export type GpuReading = Omit<Gpu, 'samples' | 'idleStreak'>;

/** What is asked of every GPU; `nvidia-smi --help-query-gpu` explains them. */
export const gpuColumns: readonly string[] = [
  'index',
  'uuid',
  'name',
  'utilization.gpu',
  'memory.used',
  'memory.total',
  'temperature.gpu',
  'power.draw',
  'driver_version',
  'mig.mode.current',
];

export interface GpuTable {
  /** By index; their processes are still empty. */
  readonly gpus: readonly GpuReading[];
  readonly driverVersion: string | null;
  /** `no-nvidia-smi`, `no-gpu-devices` or `nvidia-smi-failed`; beside GPUs when it failed for some of them only. */
  readonly failure: AppError | null;
}

/** Reads the output and exit code of nvidia-smi, asked for these columns. Never throws. */
export function parseGpus(text: string, code: number, asked: readonly string[] = gpuColumns): GpuTable {
  const table = parseCsv(text, asked, 'name');
  const gpus = new Map<number, GpuReading>();
  const messages = [...table.others];
  table.rows.forEach((row, position) => {
    // Without an index column the order of the rows is the index.
    const index = 'index' in row ? cellNumber(row.index) : position;
    if (index === null || !Number.isInteger(index) || index < 0) messages.push(Object.values(row).join(', '));
    else gpus.set(index, readGpu(row, index));
  });
  return {
    gpus: [...gpus.values()].sort((a, b) => a.index - b.index),
    driverVersion: driverVersion(table),
    failure: findFailure(code, messages, gpus.size, table.rows.length > 0 || text.trim() === ''),
  };
}

function readGpu(row: Readonly<Record<string, string>>, index: number): GpuReading {
  const utilPct = cellNumber(row['utilization.gpu']);
  const mig = /^enabled$/i.test(row['mig.mode.current'] ?? '');
  return {
    index,
    uuid: plainText(cellText(row.uuid) ?? '', 100),
    name: plainText(cellText(row.name) ?? 'unknown GPU', 100),
    // With MIG on, a number for the whole GPU would say nothing about its instances.
    utilPct: utilPct === null || utilPct < 0 || utilPct > 100 || mig ? null : utilPct,
    memUsedMiB: cellNumber(row['memory.used']),
    memTotalMiB: cellNumber(row['memory.total']),
    temperatureC: cellNumber(row['temperature.gpu']),
    powerW: cellNumber(row['power.draw']),
    processes: [],
    problem: findProblem(row),
  };
}

const lost = /requires reset|is lost|fallen off/i;
const broken = /ERR!|Unknown Error|requires reset|is lost|fallen off/i;

/** A fan or sensor in error is no reason to distrust a GPU; its load or memory in error is. */
function findProblem(row: Readonly<Record<string, string>>): string | null {
  const vital = ['utilization.gpu', 'memory.used', 'memory.total'];
  for (const [column, cell] of Object.entries(row)) {
    if (column === 'name' || column === 'uuid') continue;
    if ((vital.includes(column) ? broken : lost).test(cell))
      return plainText(cell.replace(/^\[(.*)\]$/, '$1'), 200);
  }
  return null;
}

function driverVersion({ rows }: CsvTable): string | null {
  for (const row of rows) {
    const version = cellText(row.driver_version);
    if (version !== null && /^\d[\w.-]{0,30}$/.test(version)) return version;
  }
  return null;
}

const failed = /has failed|failed to|unable to|is lost|unknown error|insufficient permission/i;

function findFailure(
  code: number,
  messages: readonly string[],
  gpuCount: number,
  silent: boolean,
): AppError | null {
  const message = messages.find((line) => failed.test(line)) ?? messages[0] ?? '';
  const detail = plainText(message, 300) || `exit code ${code}`;
  if (gpuCount > 0) {
    const partial = code !== 0 || failed.test(message);
    return partial ? new AppError('nvidia-smi-failed', { step: 'probe', detail }) : null;
  }
  if (code === 127 && silent) return new AppError('no-nvidia-smi', { step: 'probe' });
  // A header and nothing below it also means that there is no GPU.
  if (messages.some((line) => /no devices were found/i.test(line)) || (code === 0 && messages.length === 0))
    return new AppError('no-gpu-devices', { step: 'probe' });
  return new AppError('nvidia-smi-failed', { step: 'probe', detail, command: 'nvidia-smi' });
}

/** The column that this driver is too old or too new for, if that is what it says. */
export function invalidColumn(text: string): string | null {
  return /Field "([\w.]{1,100})" is not a valid field to query/.exec(text)?.[1] ?? null;
}
