/** One row of `nvidia-smi --query-gpu`: a GPU. Pure; nothing here throws. */

import type { GpuDetails } from '#common/hosts.ts';
import { plainText } from '#common/text.ts';
import { cellNumber, cellText } from './csv.ts';
import { type GpuReading, percentOrNull } from './gpu-reading.ts';

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

/** A row's cells by column. */
export type Row = Readonly<Record<string, string>>;

/** The cell of a column, by whichever of its names says something. */
function cellOf(row: Row, column: string): string | null {
  const own = cellText(row[column]);
  if (own !== null) return own;
  for (const name of otherNames[column] ?? []) {
    const cell = cellText(row[name]);
    if (cell !== null) return cell;
  }
  return null;
}

const numberIn = (row: Row, column: string): number | null => cellNumber(cellOf(row, column) ?? undefined);

/** The GPU of a row, as the driver prints it. */
export function readGpu(row: Row, index: number): GpuReading {
  const mig = /^enabled$/i.test(row['mig.mode.current'] ?? '');
  const name = cellOf(row, 'name') ?? '';
  return {
    vendor: 'nvidia',
    index,
    uuid: uuidOf(row) ?? `nvidia-${index}`,
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
    pciBusId: busIdOf(row),
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

/** Tells GPUs with the same index apart, as of a wrapper that joins hosts; empty where the columns do not. */
export function identityOf(row: Row, position: number): string {
  const uuid = uuidOf(row);
  if (uuid !== null) return uuid;
  return busIdOf(row) ?? ('uuid' in row ? `row ${position}` : '');
}

/** A GPU in error prints its error here too. */
function uuidOf(row: Row): string | null {
  const uuid = cellOf(row, 'uuid') ?? '';
  return /^[\w.-]{1,100}$/.test(uuid) ? uuid : null;
}

/** `00000000:3B:00.0`; a GPU in error prints its error here too. */
function busIdOf(row: Row): string | null {
  const id = cellOf(row, 'pci.bus_id') ?? '';
  return /^[\da-f:.]{1,40}$/i.test(id) ? id : null;
}
