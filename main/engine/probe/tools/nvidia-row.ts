/** GPUs as `nvidia-smi --query-gpu=... --format=csv,nounits` prints them, and what it prints instead when it fails. */

import { AppError } from '#common/errors.ts';
import type { GpuDetails } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import { type CsvTable, cellNumber, cellText, parseCsv } from './csv.ts';
import { type GpuReading, type GpuTable, inOrder, percentOrNull } from './gpu-reading.ts';

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

/** What a column was called before driver 535. */
const olderNames: Readonly<Record<string, string>> = {
  'clocks_event_reasons.active': 'clocks_throttle_reasons.active',
};

/** The columns to ask for when the driver does not know one of them: its older name in its place, else without it. */
export function withoutColumn(columns: readonly string[], unknown: string): readonly string[] {
  return columns.flatMap((column) => (column === unknown ? (olderNames[column] ?? []) : column));
}

/** Other names under which a driver may print what was asked for. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  uuid: ['gpu_uuid'],
  name: ['gpu_name'],
  'power.draw': ['power.draw.average', 'power.draw.instant'],
  'clocks.current.sm': ['clocks.sm'],
  'clocks.current.memory': ['clocks.mem'],
  'clocks_event_reasons.active': ['clocks_throttle_reasons.active'],
  'pci.bus_id': ['gpu_bus_id'],
};

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
    gpus: inOrder(gpus.values()),
    driverVersion: driverVersion(table),
    failure: findFailure(code, messages, gpus.size, table.rows.length > 0 || text.trim() === ''),
  };
}

type Row = Readonly<Record<string, string>>;

/** The cell of a column, by whichever of its names says something. */
function cellOf(row: Row, column: string): string | null {
  for (const name of [column, ...(otherNames[column] ?? [])]) {
    const cell = cellText(row[name]);
    if (cell !== null) return cell;
  }
  return null;
}

const numberIn = (row: Row, column: string): number | null => cellNumber(cellOf(row, column) ?? undefined);

function readGpu(row: Row, index: number): GpuReading {
  const mig = /^enabled$/i.test(row['mig.mode.current'] ?? '');
  const uuid = cellOf(row, 'uuid') ?? '';
  const name = cellOf(row, 'name') ?? '';
  return {
    vendor: 'nvidia',
    index,
    // A GPU in error prints its error here too.
    uuid: /^[\w.-]{1,100}$/.test(uuid) ? uuid : `nvidia-${index}`,
    name: (broken.test(name) ? '' : plainText(name, 100)) || 'unknown GPU',
    // With MIG on, a number for the whole GPU would say nothing about its instances.
    utilPct: mig ? null : percentOrNull(numberIn(row, 'utilization.gpu')),
    memUsedMiB: numberIn(row, 'memory.used'),
    memTotalMiB: numberIn(row, 'memory.total'),
    temperatureC: numberIn(row, 'temperature.gpu'),
    powerW: numberIn(row, 'power.draw'),
    unifiedMemory: sharesMemory(row),
    instances: mig ? [] : null,
    details: readDetails(row),
    processes: [],
    problem: findProblem(row),
  };
}

/** Jetson and GB10 answer, but have no memory of their own to tell of; older Jetsons tell of nothing but their name. */
function sharesMemory(row: Row): boolean {
  const unmeasured = ['memory.total', 'memory.used'].every((column) =>
    /^\[?(?:N\/A|Not Supported)\]?$/i.test(row[column] ?? ''),
  );
  const measured = ['utilization.gpu', 'temperature.gpu', 'power.draw'].some(
    (column) => numberIn(row, column) !== null,
  );
  const jetson = /\b(?:nvgpu|tegra|jetson|xavier|orin|thor)\b/i.test(row.name ?? '');
  return unmeasured && (measured || jetson) && findProblem(row) === null;
}

function readDetails(row: Row): GpuDetails {
  return {
    powerLimitW: numberIn(row, 'power.limit'),
    // May exceed 100.
    fanPct: numberIn(row, 'fan.speed'),
    smClockMHz: numberIn(row, 'clocks.current.sm'),
    memClockMHz: numberIn(row, 'clocks.current.memory'),
    eccUncorrected: numberIn(row, 'ecc.errors.uncorrected.volatile.total'),
    throttleReasons: readReasons(cellOf(row, 'clocks_event_reasons.active') ?? ''),
    pciBusId: plainText(cellOf(row, 'pci.bus_id') ?? '', 40) || null,
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
  const [, digits = '0'] = /^0x([\da-f]{1,16})$/i.exec(cell) ?? [];
  const mask = Number.parseInt(digits.slice(-8), 16);
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
/** "infoROM is corrupted" (man nvidia-smi): all GPUs work. */
const onlyWarned = 14;

function findFailure(
  code: number,
  messages: readonly string[],
  gpuCount: number,
  silent: boolean,
): AppError | null {
  const broke = messages.find((line) => failed.test(line));
  const detail = plainText(broke ?? messages[0] ?? '', 300) || `exit code ${code}`;
  if (gpuCount > 0) {
    const partial = broke !== undefined || (code !== 0 && code !== onlyWarned);
    return partial ? new AppError('gpu-tool-failed', { step: 'probe', detail, command: 'nvidia-smi' }) : null;
  }
  if (code === 127 && silent) return new AppError('no-gpu-tool', { step: 'probe' });
  // A header and nothing below it also means that there is no GPU; without the lost ones none may be left.
  const none = messages.some((line) => /no devices were found/i.test(line));
  if (broke === undefined && (none || (code === 0 && messages.length === 0)))
    return new AppError('no-gpu-devices', { step: 'probe' });
  return new AppError('gpu-tool-failed', { step: 'probe', detail, command: 'nvidia-smi' });
}

/** The column that this driver is too old or too new for, if that is what it says. */
export function invalidColumn(text: string): string | null {
  return /Field "([\w.]{1,100})" is not a valid field to query/.exec(text)?.[1] ?? null;
}
