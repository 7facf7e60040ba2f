/** AMD GPUs by `rocm-smi ... --json`, which amd-smi replaces. Pure; nothing here throws. */

import { textOf as outputOf, partOf } from '../frames.ts';
import {
  type AmdProcess,
  type Fields,
  failedTable,
  fieldsOf,
  mibOf,
  mostGpus,
  mostProcesses,
  numberOf,
  placeOnGpus,
  serialOf,
  sharesMemory,
  tableOf,
  textOf,
} from './amd.ts';
import { parseBrokenJsons } from './broken-json.ts';
import { type GpuReading, type GpuTable, noDetails, percentOrNull } from './gpu-reading.ts';
import type { GpuTool } from './gpu-tool.ts';

/**
 * Reads one object per card, `card0`, whose keys changed their spelling from release to release, and `system`. Memory is
 * in bytes, in text.
 */
export function parseRocmSmi(text: string, code: number): GpuTable {
  const entries = entriesIn(text);
  const cards = entries.filter(([key]) => /^card\d{1,4}$/.test(key));
  const silent = entries.length === 0 && !/no json data to report/i.test(text.slice(0, 10_000));
  if (cards.length === 0 && (code !== 0 || silent)) return failedTable('rocm-smi', text, code);
  const gpus = cards.slice(0, mostGpus).map(([key, card]) => readCard(Number(key.slice(4)), fieldsOf(card)));
  const system = fieldsOf(entries.find(([key]) => key === 'system')?.[1]);
  return tableOf('rocm-smi', gpus, textOf(system['Driver version']));
}

/** The members of all objects in the text. */
function entriesIn(text: string): readonly (readonly [key: string, value: unknown])[] {
  return parseBrokenJsons(text).flatMap((json) => Object.entries(fieldsOf(json)));
}

/** The value of the first key that matches, in lower case. */
type Find = (name: RegExp) => unknown;

function readCard(index: number, card: Fields): GpuReading {
  const entries = Object.entries(card).map(([key, value]) => [key.toLowerCase(), value] as const);
  const find: Find = (name) => entries.find(([key]) => name.test(key))?.[1];
  const bus = textOf(find(/^pci bus$/));
  const name = cardName(find);
  const memTotalMiB = mibOf(numberOf(find(/^vram total memory \(b\)$/)));
  const unifiedMemory = sharesMemory({ processor: textOf(find(/^gfx version$/)), name, memTotalMiB });
  return {
    vendor: 'amd',
    index,
    uuid: serialOf(find(/^unique id$/)) ?? `amd-${bus ?? index}`,
    name: name ?? 'AMD GPU',
    utilPct: percentOrNull(numberOf(find(/^gpu use \(%\)$/))),
    memUsedMiB: unifiedMemory ? null : mibOf(numberOf(find(/^vram total used memory \(b\)$/))),
    memTotalMiB: unifiedMemory ? null : memTotalMiB,
    temperatureC:
      numberOf(find(/^temperature \(sensor edge\)/)) ?? numberOf(find(/^temperature \(sensor junction\)/)),
    powerW: numberOf(find(/^(?:average|current socket) graphics package power \(w\)$/)),
    unifiedMemory,
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
function cardName(find: Find): string | null {
  const names = [/^card series$/, /^device name$/, /^card model$/].map((name) => textOf(find(name)));
  return names.find((name) => name !== null && !name.startsWith('0x')) ?? null;
}

/** A number, or what stands where rocm-smi has none. */
const count = String.raw`(?:\d{1,20}|UNKNOWN|N/A)`;
/** A name may hold commas, so the four values that follow mark its end; a shorter line has fewer. */
const pidLines = [
  new RegExp(`^(.{1,300}), ?${count}, ?(${count}), ?${count}, ?${count}$`),
  new RegExp(`^(.{1,300}?), ?${count}, ?(${count})(?:,|$)`),
];

/** Reads `rocm-smi --showpids --json`: `"PID4242": "python3, 1, 68719476736, 0, 12"`: name, GPUs, VRAM, SDMA, CUs. */
export function parseRocmPids(text: string): readonly AmdProcess[] {
  return entriesIn(text)
    .filter(([key]) => key === 'system')
    .flatMap(([, system]) => Object.entries(fieldsOf(system)))
    .slice(0, mostProcesses)
    .flatMap(([key, value]): AmdProcess | [] => {
      const pid = Number(/^PID(\d{1,10})$/.exec(key)?.[1] ?? 0);
      if (pid === 0 || typeof value !== 'string') return [];
      const [exact, shorter] = pidLines.map((line) => line.exec(value.slice(0, 500)));
      const [, name, bytes] = exact ?? shorter ?? [];
      return {
        gpu: null,
        pid,
        name: name === 'UNKNOWN' ? null : textOf(name),
        memUsedMiB: mibOf(numberOf(bytes)),
      };
    });
}

const measures =
  '--showproductname --showuniqueid --showbus --showuse --showmeminfo vram --showtemp --showpower --showdriverversion';

/** It does not say on which of several GPUs a process is. */
export const rocmSmi: GpuTool = {
  vendor: 'amd',
  program: 'rocm-smi',
  folders: ['/opt/rocm/bin'],
  part: 'rocm',
  shell: {
    gpus: `run rocm rocm-smi ${measures} --json`,
    apps: 'run pids rocm-smi --showpids --json',
  },
  readTable: (frame) => parseRocmSmi(outputOf(frame, 'rocm'), partOf(frame, 'rocm')?.code ?? 0),
  readOccupants(frame, gpus) {
    const processes = partOf(frame, 'pids');
    if (processes === undefined) return null;
    return { apps: placeOnGpus(parseRocmPids(processes.text), gpus), instances: new Map() };
  },
};
