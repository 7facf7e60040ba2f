/** AMD GPUs by `amd-smi`: `metric`, `static` and `process`, each with --json. Pure; nothing here throws. */

import { textOf as outputOf, partOf } from '../frames.ts';
import {
  type AmdProcess,
  countOf,
  type Fields,
  failedTable,
  fieldsOf,
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

export interface AmdSmiText {
  /** `amd-smi metric --json`. */
  readonly metric: string;
  readonly metricCode: number;
  /** `amd-smi static --json`, which names the GPUs; empty before it was asked for. */
  readonly static: string;
}

/**
 * Reads amd-smi's tables: an array with one object per GPU, since ROCm 7 under `gpu_data` (ROCm/amdsmi#134). Memory,
 * printed in MB, is in units of 1,048,576 bytes.
 */
export function parseAmdSmi(text: AmdSmiText): GpuTable {
  const metrics = gpusOf(text.metric);
  if (metrics === null || (metrics.length === 0 && text.metricCode !== 0))
    return failedTable('amd-smi', text.metric, text.metricCode);
  const facts = new Map(gpusOf(text.static)?.map((gpu) => [countOf(gpu.gpu), gpu]));
  let driverVersion: string | null = null;
  const gpus = metrics.flatMap((metric): GpuReading | [] => {
    const index = countOf(metric.gpu);
    if (index === null) return [];
    const known = facts.get(index) ?? {};
    const driver = fieldsOf(known.driver);
    driverVersion ??= textOf(driver.version ?? driver.driver_version);
    return readGpu(index, metric, known);
  });
  return tableOf('amd-smi', gpus, driverVersion);
}

/** The objects of the GPUs; null for `{"error": ...}` and what is no JSON. */
function gpusOf(text: string): readonly Fields[] | null {
  const lists = parseBrokenJsons(text).flatMap((json): readonly (readonly unknown[])[] => {
    const list = Array.isArray(json) ? json : fieldsOf(json).gpu_data;
    return Array.isArray(list) ? [list] : [];
  });
  return lists.length === 0 ? null : lists.flat().slice(0, mostGpus).map(fieldsOf);
}

function readGpu(index: number, metric: Fields, facts: Fields): GpuReading {
  const usage = fieldsOf(metric.usage);
  const memory = fieldsOf(metric.mem_usage);
  const heat = fieldsOf(metric.temperature);
  const asic = fieldsOf(facts.asic);
  const bus = textOf(fieldsOf(facts.bus).bdf);
  const name = textOf(asic.market_name);
  const memTotalMiB = mebibytesOf(memory.total_vram, 'MB');
  // Only an APU has an activity of this name.
  const unifiedMemory =
    'apu_average_gfx_activity' in usage ||
    sharesMemory({ processor: textOf(asic.target_graphics_version), name, memTotalMiB });
  return {
    vendor: 'amd',
    index,
    uuid: serialOf(asic.asic_serial) ?? `amd-${bus ?? index}`,
    name: name ?? 'AMD GPU',
    utilPct: percentOrNull(amountOf(usage.gfx_activity) ?? amountOf(usage.apu_average_gfx_activity)),
    memUsedMiB: unifiedMemory ? null : mebibytesOf(memory.used_vram, 'MB'),
    memTotalMiB: unifiedMemory ? null : memTotalMiB,
    temperatureC: sensorOf(heat.edge) ?? sensorOf(heat.hotspot),
    powerW: powerOf(fieldsOf(metric.power)),
    unifiedMemory,
    instances: null,
    details: {
      ...noDetails,
      powerLimitW: amountOf(fieldsOf(facts.limit).current_power) ?? amountOf(fieldsOf(facts.limit).max_power),
      fanPct: amountOf(fieldsOf(metric.fan).usage),
      smClockMHz: clockOf(metric, 'gfx_0'),
      memClockMHz: clockOf(metric, 'mem_0'),
      eccUncorrected: amountOf(fieldsOf(metric.ecc).total_uncorrectable_count),
      throttleReasons: fieldsOf(metric.power).throttle_status === 'THROTTLED' ? ['throttled'] : [],
      pciBusId: bus,
    },
    processes: [],
    problem: null,
  };
}

/** A bare number, as older releases print, or `{"value": 42, "unit": "%"}`. */
function amountOf(value: unknown): number | null {
  return numberOf(value) ?? numberOf(fieldsOf(value).value);
}

/** Some releases print the largest number of its type, of 16 bits or more, for what is not measured. */
function sensorOf(value: unknown): number | null {
  const amount = amountOf(value);
  return amount === null || amount >= 0xff_ff ? null : amount;
}

/** By all the names that it had. */
function powerOf(power: Fields): number | null {
  return (
    sensorOf(power.socket_power) ??
    sensorOf(power.current_power) ??
    sensorOf(power.current_socket_power) ??
    sensorOf(power.average_socket_power)
  );
}

function clockOf(metric: Fields, domain: string): number | null {
  return sensorOf(fieldsOf(fieldsOf(metric.clock)[domain]).clk);
}

/** Reads `amd-smi process --json`: per GPU a `process_list` of `process_info`, or a sentence where there is none. */
export function parseAmdSmiProcesses(text: string): readonly AmdProcess[] {
  const found = (gpusOf(text) ?? []).flatMap((gpu) => {
    const list: readonly unknown[] = Array.isArray(gpu.process_list) ? gpu.process_list : [];
    return list.slice(0, mostProcesses).flatMap((entry): AmdProcess | [] => {
      const info = fieldsOf(fieldsOf(entry).process_info);
      const pid = countOf(info.pid, 1);
      if (pid === null) return [];
      const memUsedMiB =
        mebibytesOf(fieldsOf(info.memory_usage).vram_mem, 'B') ?? mebibytesOf(info.mem_usage, 'B');
      return { gpu: countOf(gpu.gpu), pid, name: textOf(info.name), memUsedMiB };
    });
  });
  return withoutEchoes(found).slice(0, mostProcesses);
}

/** All are powers of 1,024, whichever way they are written. */
const unitMiB: Readonly<Record<string, number>> = {
  B: 1 / 1_048_576,
  KB: 1 / 1024,
  KiB: 1 / 1024,
  MB: 1,
  MiB: 1,
  GB: 1024,
  GiB: 1024,
  TB: 1_048_576,
  TiB: 1_048_576,
};

/** A size of memory; `usual` is the unit of one that names none. Null where the unit is not known. */
function mebibytesOf(value: unknown, usual: string): number | null {
  const { unit = usual } = fieldsOf(value);
  const factor = typeof unit === 'string' ? unitMiB[unit] : undefined;
  const amount = amountOf(value);
  return factor === undefined || amount === null || amount < 0 ? null : Math.round(amount * factor);
}

/** Some releases list a process on every GPU, with no memory on those where it is not. */
function withoutEchoes(processes: readonly AmdProcess[]): readonly AmdProcess[] {
  const placed = new Set(processes.flatMap(({ pid, memUsedMiB }) => ((memUsedMiB ?? 0) > 0 ? pid : [])));
  return processes.filter(({ pid, memUsedMiB }) => memUsedMiB !== 0 || !placed.has(pid));
}

export const amdSmi: GpuTool = {
  vendor: 'amd',
  program: 'amd-smi',
  folders: ['/opt/rocm/bin'],
  part: 'metric',
  needsFacts: true,
  shell: {
    // Two thirds of its JSON are indentation: without that, 64 partitions and hundreds of processes fit into a part. What is no
    // JSON keeps it: it tells the code that Python quotes from the message.
    functions: String.raw`amd() {
  g=$1 o=$out
  shift
  run indented amd-smi "$@" --json
  out=$o
  sed -e 's/^ *\(["{}[]\)/\1/' -e 's/^ *]/]/' indented >"$g"
  add "$g" "$c"
}`,
    gpus: 'amd metric metric --usage --mem-usage --power --temperature',
    apps: 'amd process process',
    facts: 'amd static static --asic --bus --driver',
  },
  readTable: (frame, { facts }) =>
    parseAmdSmi({
      metric: outputOf(frame, 'metric'),
      metricCode: partOf(frame, 'metric')?.code ?? 0,
      static: outputOf(facts, 'static'),
    }),
  readOccupants(frame, gpus) {
    const processes = partOf(frame, 'process');
    if (processes === undefined) return null;
    return { apps: placeOnGpus(parseAmdSmiProcesses(processes.text), gpus), instances: new Map() };
  },
};
