/** GPUs as `nvidia-smi --query-gpu=... --format=csv,nounits` prints them, and what it prints instead when it fails. */

import { AppError } from '#common/errors.ts';
import type { GpuDetails } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import { type CsvTable, cellNumber, cellText, parseCsv } from './csv.ts';
import { type GpuReading, type GpuTable, percentOrNull } from './gpu-reading.ts';

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
  'power.limit',
  'fan.speed',
  'clocks.current.sm',
  'clocks.current.memory',
  'ecc.errors.uncorrected.volatile.total',
  'clocks_event_reasons.active',
  'pci.bus_id',
];

/** What a column was called before, by the name that driver 535 gave it. */
const olderNames: Readonly<Record<string, string>> = {
  'clocks_event_reasons.active': 'clocks_throttle_reasons.active',
};

/** The columns to ask for when the driver does not know one of them: its older name in its place, else without it. */
export function withoutColumn(columns: readonly string[], unknown: string): readonly string[] {
  return columns.flatMap((column) => (column === unknown ? (olderNames[column] ?? []) : column));
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

type Row = Readonly<Record<string, string>>;

function readGpu(row: Row, index: number): GpuReading {
  const utilPct = percentOrNull(cellNumber(row['utilization.gpu']));
  const mig = /^enabled$/i.test(row['mig.mode.current'] ?? '');
  const problem = findProblem(row);
  const memTotalMiB = cellNumber(row['memory.total']);
  return {
    vendor: 'nvidia',
    index,
    uuid: plainText(cellText(row.uuid) ?? '', 100) || `nvidia-${index}`,
    name: plainText(cellText(row.name) ?? 'unknown GPU', 100),
    // With MIG on, a number for the whole GPU would say nothing about its instances.
    utilPct: mig ? null : utilPct,
    memUsedMiB: cellNumber(row['memory.used']),
    memTotalMiB,
    temperatureC: cellNumber(row['temperature.gpu']),
    powerW: cellNumber(row['power.draw']),
    // Jetson and GB10 measure everything but a memory of their own.
    unifiedMemory: problem === null && utilPct !== null && cellText(row['memory.total'] ?? 'asked') === null,
    instances: mig ? [] : null,
    details: readDetails(row),
    processes: [],
    problem,
  };
}

function readDetails(row: Row): GpuDetails {
  const reasons = row['clocks_event_reasons.active'] ?? row['clocks_throttle_reasons.active'] ?? '';
  return {
    powerLimitW: cellNumber(row['power.limit']),
    fanPct: percentOrNull(cellNumber(row['fan.speed'])),
    smClockMHz: cellNumber(row['clocks.current.sm']),
    memClockMHz: cellNumber(row['clocks.current.memory']),
    eccUncorrected: cellNumber(row['ecc.errors.uncorrected.volatile.total']),
    throttleReasons: readReasons(reasons),
    pciBusId: plainText(cellText(row['pci.bus_id']) ?? '', 40) || null,
  };
}

/** The bits of nvmlClocksEventReasons (nvml.h) that mean a loss; 1 is idleness, 2 and 0x100 are settings. */
const reasonBits: readonly (readonly [bit: number, words: string])[] = [
  [0x4, 'power cap'],
  [0x8, 'hardware slowdown'],
  [0x10, 'sync boost'],
  [0x20, 'thermal'],
  [0x40, 'hardware thermal'],
  [0x80, 'power brake'],
];

function readReasons(cell: string): readonly string[] {
  const [, digits] = /^0x0{0,16}([\da-f]{1,8})$/i.exec(cell) ?? [];
  const mask = digits === undefined ? 0 : Number.parseInt(digits, 16);
  return reasonBits.filter(([bit]) => (mask & bit) !== 0).map(([, words]) => words);
}

const lost = /requires reset|is lost|fallen off/i;
const broken = /ERR!|Unknown Error|requires reset|is lost|fallen off/i;

/** A fan or sensor in error is no reason to distrust a GPU; its load or memory in error is. */
function findProblem(row: Row): string | null {
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
    return partial ? new AppError('gpu-tool-failed', { step: 'probe', detail }) : null;
  }
  if (code === 127 && silent) return new AppError('no-gpu-tool', { step: 'probe' });
  // A header and nothing below it also means that there is no GPU.
  if (messages.some((line) => /no devices were found/i.test(line)) || (code === 0 && messages.length === 0))
    return new AppError('no-gpu-devices', { step: 'probe' });
  return new AppError('gpu-tool-failed', { step: 'probe', detail, command: 'nvidia-smi' });
}

/** The column that this driver is too old or too new for, if that is what it says. */
export function invalidColumn(text: string): string | null {
  return /Field "([\w.]{1,100})" is not a valid field to query/.exec(text)?.[1] ?? null;
}
