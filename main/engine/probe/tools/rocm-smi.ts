/** AMD GPUs by `rocm-smi ... --json`, which amd-smi replaces. Pure; nothing here throws. */

import {
  type AmdProcess,
  type Fields,
  failedTable,
  fieldsOf,
  mibOf,
  mostGpus,
  mostProcesses,
  numberOf,
  serialOf,
  tableOf,
  textOf,
} from './amd.ts';
import { parseBrokenJson } from './broken-json.ts';
import { type GpuReading, type GpuTable, noDetails, percentOrNull } from './gpu-reading.ts';

/**
 * Reads one object per card, `card0`, whose keys changed their spelling from release to release, and `system`. Memory is
 * in bytes, in text.
 */
export function parseRocmSmi(text: string, code: number): GpuTable {
  const json = fieldsOf(parseBrokenJson(text));
  const cards = Object.entries(json).filter(([key]) => /^card\d{1,4}$/.test(key));
  const silent = Object.keys(json).length === 0 && !/no json data to report/i.test(text.slice(0, 10_000));
  if (cards.length === 0 && (code !== 0 || silent)) return failedTable('rocm-smi', text, code);
  const gpus = cards.slice(0, mostGpus).map(([key, card]) => readCard(Number(key.slice(4)), fieldsOf(card)));
  return tableOf(gpus, textOf(fieldsOf(json.system)['Driver version']));
}

/** The value of the first key that matches, in lower case. */
type Find = (name: RegExp) => unknown;

function readCard(index: number, card: Fields): GpuReading {
  const entries = Object.entries(card).map(([key, value]) => [key.toLowerCase(), value] as const);
  const find: Find = (name) => entries.find(([key]) => name.test(key))?.[1];
  const bus = textOf(find(/^pci bus$/));
  return {
    vendor: 'amd',
    index,
    uuid: serialOf(find(/^unique id$/)) ?? `amd-${bus ?? index}`,
    name: cardName(find),
    utilPct: percentOrNull(numberOf(find(/^gpu use \(%\)$/))),
    memUsedMiB: mibOf(numberOf(find(/^vram total used memory \(b\)$/))),
    memTotalMiB: mibOf(numberOf(find(/^vram total memory \(b\)$/))),
    temperatureC:
      numberOf(find(/^temperature \(sensor edge\)/)) ?? numberOf(find(/^temperature \(sensor junction\)/)),
    powerW: numberOf(find(/^(?:average|current socket) graphics package power \(w\)$/)),
    unifiedMemory: false,
    instances: null,
    details: {
      ...noDetails,
      powerLimitW: numberOf(find(/^max graphics package power \(w\)$/)),
      fanPct: numberOf(find(/^fan speed \(%\)$/)),
      smClockMHz: clockOf(find(/^sclk clock speed/)),
      memClockMHz: clockOf(find(/^mclk clock speed/)),
      pciBusId: bus,
    },
    processes: [],
    problem: null,
  };
}

/** `(300Mhz)` or `300Mhz`. */
function clockOf(value: unknown): number | null {
  const [, mhz] = /^\(?(\d{1,5})mhz\)?$/i.exec(textOf(value) ?? '') ?? [];
  return mhz === undefined ? null : Number(mhz);
}

/** Some releases put an id where others put the name. */
function cardName(find: Find): string {
  const names = [/^card series$/, /^device name$/, /^card model$/].map((name) => textOf(find(name)));
  return names.find((name) => name !== null && !name.startsWith('0x')) ?? 'AMD GPU';
}

/** Reads `rocm-smi --showpids --json`: `"PID4242": "python3, 1, 68719476736, 0, 12"`: name, GPUs, VRAM, SDMA, CUs. */
export function parseRocmPids(text: string): readonly AmdProcess[] {
  const { system } = fieldsOf(parseBrokenJson(text));
  return Object.entries(fieldsOf(system))
    .slice(0, mostProcesses)
    .flatMap(([key, value]): AmdProcess | [] => {
      const pid = Number(/^PID(\d{1,10})$/.exec(key)?.[1] ?? 0);
      if (pid === 0 || typeof value !== 'string') return [];
      const [, name, bytes] =
        /^(.{0,300}?), {0,3}(?:\d{1,5}|UNKNOWN), {0,3}(\d{1,20})(?:,|$)/.exec(value) ?? [];
      return { gpu: null, pid, name: textOf(name), memUsedMiB: mibOf(numberOf(bytes)) };
    });
}
