/**
 * The simulated truth of a host as the text files that its stand-in programs print from: one record per line, `|` between
 * the fields, the first line naming the columns (programs.ts reads them).
 */

import type { ProcessTruth } from './occupant.ts';
import type { GpuTruth, HostTruth } from './world.ts';

/** Text by file name. */
export type StateFiles = Readonly<
  Record<'gpus' | 'apps' | 'list' | 'compute' | 'xml' | 'processes' | 'listen', string>
>;

/** `epochMs` is the time at which the world's clock was 0. */
export function stateFiles(host: HostTruth, epochMs: number): StateFiles {
  const gpus = host.gpus();
  const processes = host.processes();
  return {
    gpus: table(
      gpuColumns,
      gpus.map((gpu) => ({ gpu, host })),
    ),
    apps: table(
      appColumns,
      processes.flatMap((process) => {
        const gpu = gpus.find(({ index }) => index === process.gpu?.index);
        return gpu === undefined ? [] : [{ ...process, gpu, memMiB: process.gpu?.memMiB ?? 0 }];
      }),
    ),
    list: gpus.map(listed).join(''),
    compute: computeText(host),
    xml: xmlText(gpus, processes),
    processes: processes
      .map(({ pid, user, startedAt, program, args }) =>
        record([pid, user, Math.round(epochMs / 1000 + startedAt), program, args]),
      )
      .join(''),
    listen: host
      .listeners()
      .map(({ bind, port, owner }) =>
        record([
          `${bind}:${port}`,
          bind.startsWith('[') ? '[::]:*' : bind === '*' ? '*:*' : '0.0.0.0:*',
          owner === null ? '' : `users:(("${owner.program}",pid=${owner.pid},fd=${20 + (port % 20)}))`,
        ]),
      )
      .join(''),
  };
}

type Cell = string | number;
type Columns<Row> = readonly (readonly [title: string, cell: (row: Row) => Cell])[];

const record = (cells: readonly Cell[]): string => `${cells.join('|')}\n`;

const table = <Row>(columns: Columns<Row>, rows: readonly Row[]): string =>
  [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => cell(row)))]
    .map(record)
    .join('');

interface GpuRow {
  readonly gpu: GpuTruth;
  readonly host: HostTruth;
}

interface AppRow {
  readonly gpu: GpuTruth;
  readonly pid: number;
  readonly program: string;
  readonly memMiB: number;
}

const unknown = '[N/A]';

// What a sensor of a GPU says that has fallen off: so nvidia-smi prints it for Xid 79 and its like.
const sensor =
  (cell: (gpu: GpuTruth) => Cell) =>
  ({ gpu }: GpuRow): Cell =>
    gpu.broken ? '[GPU requires reset]' : cell(gpu);
const reservedMiB = ({ model }: GpuTruth): number => Math.round(model.memTotalMiB * 0.006);
/** nvmlClocksEventReasons: 1 is idleness. */
const idleClocks = '0x0000000000000001';
const fullClocks = '0x0000000000000000';
const migMode = ({ gpu }: GpuRow): string => (gpu.mig.length > 0 ? 'Enabled' : 'Disabled');
const watts = (value: number): string => value.toFixed(2);

/** Titles as `nvidia-smi --query-gpu=... --format=csv` prints them, with the unit in brackets. */
const gpuColumns: Columns<GpuRow> = [
  ['index', ({ gpu }) => gpu.index],
  ['name', ({ gpu }) => gpu.model.name],
  ['uuid', ({ gpu }) => gpu.uuid],
  ['serial', ({ gpu }) => gpu.serial],
  ['pci.bus_id', ({ gpu }) => gpu.busId],
  ['count', ({ host }) => host.spec.gpuCount],
  ['driver_version', ({ host }) => host.spec.driver],
  ['compute_cap', ({ gpu }) => gpu.model.computeCap],
  ['compute_mode', () => 'Default'],
  ['persistence_mode', () => 'Enabled'],
  ['display_active', () => 'Disabled'],
  ['pstate', sensor(() => 'P0')],
  ['fan.speed [%]', () => unknown],
  ['temperature.gpu', sensor(({ temperatureC }) => temperatureC)],
  ['temperature.memory', sensor(({ temperatureC }) => temperatureC + 6)],
  ['utilization.gpu [%]', sensor(({ utilPct }) => utilPct ?? unknown)],
  [
    'utilization.memory [%]',
    sensor(({ utilPct }) => (utilPct === null ? unknown : Math.round(utilPct * 0.45))),
  ],
  ['memory.total [MiB]', ({ gpu }) => gpu.model.memTotalMiB],
  ['memory.reserved [MiB]', ({ gpu }) => reservedMiB(gpu)],
  ['memory.used [MiB]', ({ gpu }) => gpu.memUsedMiB],
  ['memory.free [MiB]', ({ gpu }) => Math.max(0, gpu.model.memTotalMiB - reservedMiB(gpu) - gpu.memUsedMiB)],
  ['power.draw [W]', sensor(({ powerW }) => watts(powerW))],
  ['power.draw.average [W]', sensor(({ powerW }) => watts(powerW))],
  ['power.draw.instant [W]', sensor(({ powerW }) => watts(powerW))],
  ['power.limit [W]', sensor(({ model }) => watts(model.limitW))],
  ['enforced.power.limit [W]', sensor(({ model }) => watts(model.limitW))],
  ['clocks.current.graphics [MHz]', sensor(({ clockMHz }) => clockMHz)],
  ['clocks.current.sm [MHz]', sensor(({ clockMHz }) => clockMHz)],
  ['clocks.current.memory [MHz]', sensor(({ model }) => model.memClockMHz)],
  ['clocks.max.graphics [MHz]', ({ gpu }) => gpu.model.maxClockMHz],
  ['clocks.max.sm [MHz]', ({ gpu }) => gpu.model.maxClockMHz],
  ['clocks.max.memory [MHz]', ({ gpu }) => gpu.model.memClockMHz],
  ['mig.mode.current', migMode],
  ['mig.mode.pending', migMode],
  ['ecc.mode.current', () => 'Enabled'],
  ['ecc.errors.uncorrected.volatile.total', sensor(() => 0)],
  ['clocks_event_reasons.active', sensor(({ utilPct }) => (utilPct === 0 ? idleClocks : fullClocks))],
  ['gpu_recovery_action', ({ gpu }) => (gpu.broken ? 'Reset' : 'None')],
];

/** Titles as `nvidia-smi --query-compute-apps=... --format=csv` prints them. */
const appColumns: Columns<AppRow> = [
  ['gpu_name', ({ gpu }) => gpu.model.name],
  ['gpu_bus_id', ({ gpu }) => gpu.busId],
  ['gpu_serial', ({ gpu }) => gpu.serial],
  ['gpu_uuid', ({ gpu }) => gpu.uuid],
  ['pid', ({ pid }) => pid],
  ['process_name', ({ program }) => program],
  ['used_gpu_memory [MiB]', ({ memMiB }) => memMiB],
];

/** What `nvidia-smi -q -d COMPUTE` prints at its head. */
function computeText({ spec }: HostTruth): string {
  const line = (name: string, value: Cell) => `${name.padEnd(42)}: ${value}\n`;
  return `\n==============NVSMI LOG==============\n\n${line('Driver Version', spec.driver)}${line('CUDA Version', '12.8')}`;
}

/** As much of `nvidia-smi -q -x` as tells of MIG instances (nvsmi_device_v12.dtd). */
function xmlText(gpus: readonly GpuTruth[], processes: readonly ProcessTruth[]): string {
  return gpus
    .map((gpu) => {
      const mine = processes.filter((process) => process.gpu?.index === gpu.index);
      const devices = gpu.mig.map(({ name }, index) => migDevice(name, index, index === 0 ? mine : []));
      const infos = mine.map(
        ({ pid }) =>
          `<process_info>\n<gpu_instance_id>1</gpu_instance_id>\n<compute_instance_id>0</compute_instance_id>\n<pid>${pid}</pid>\n</process_info>\n`,
      );
      return `<gpu id="${gpu.busId}">\n${devices.join('')}<uuid>${gpu.uuid}</uuid>\n${infos.join('')}</gpu>\n`;
    })
    .join('');
}

/** A demo host's processes run on the first instance of their GPU. */
function migDevice(profile: string, index: number, processes: readonly ProcessTruth[]): string {
  const totalMiB = Number(/(\d+)gb/.exec(profile)?.[1] ?? 0) * 1000;
  const usedMiB = 12 + processes.reduce((sum, process) => sum + (process.gpu?.memMiB ?? 0), 0);
  return `<mig_device>
<index>${index}</index>
<gpu_instance_id>${index + 1}</gpu_instance_id>
<compute_instance_id>0</compute_instance_id>
<fb_memory_usage>
<total>${totalMiB} MiB</total>
<used>${Math.min(usedMiB, totalMiB)} MiB</used>
</fb_memory_usage>
</mig_device>
`;
}

/** One GPU as `nvidia-smi -L` lists it, its MIG instances below. */
function listed(gpu: GpuTruth): string {
  const instances = gpu.mig.map(
    ({ name, uuid }, index) =>
      `  MIG ${name.padEnd(11)} Device ${String(index).padStart(2)}: (UUID: ${uuid})\n`,
  );
  return [`GPU ${gpu.index}: ${gpu.model.name} (UUID: ${gpu.uuid})\n`, ...instances].join('');
}
