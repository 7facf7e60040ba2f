/** NVIDIA's GPUs by `nvidia-smi`: `--query-gpu`, `--query-compute-apps`, `-q` and `-L`. Pure; nothing here throws. */

import { AppError } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import { type Frame, partOf, textOf } from '../frames.ts';
import { type CsvTable, cellNumber, cellText, parseCsv } from './csv.ts';
import { type GpuReading, type GpuTable, inOrder, repeatedIndex } from './gpu-reading.ts';
import type { GpuApp, GpuTool } from './gpu-tool.ts';
import { parseMig } from './mig.ts';
import { identityOf, readGpu } from './nvidia-row.ts';
import { isAround, reasonIn } from './reason.ts';

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

/** Reads the output and exit code of nvidia-smi, asked for these columns. Never throws. */
export function parseGpus(text: string, code: number, asked: readonly string[] = gpuColumns): GpuTable {
  const table = parseCsv(text, asked, 'name');
  // By index and identity: a later sample of a GPU takes the place of an earlier one.
  const samples = new Map<string, GpuReading>();
  const messages = table.others.filter((line) => !isAround(line));
  table.rows.forEach((row, position) => {
    // Without an index column the order of the rows is the index.
    const index = 'index' in row ? cellNumber(row.index) : position;
    if (index === null || !Number.isInteger(index) || index < 0) messages.push(Object.values(row).join(', '));
    else samples.set(`${index} ${identityOf(row, position)}`, readGpu(row, index));
  });
  const gpus = [...samples.values()];
  return {
    gpus: inOrder(gpus),
    driverVersion: driverVersion(table),
    failure: findFailure(code, messages, gpus),
  };
}

function driverVersion({ rows }: CsvTable): string | null {
  for (const row of rows) {
    const version = cellText(row.driver_version);
    if (version !== null && /^\d[\w.-]{0,30}$/.test(version)) return version;
  }
  return null;
}

const failed = /has failed|failed to|unable to|is lost|unknown error|insufficient permission/i;
/** What is said of a GPU or the driver; a module or a site's script may fail beside good rows. */
const ofGpu = /\bGPU|\bNVML|NVIDIA-SMI|device handle/i;
/** "infoROM is corrupted" (man nvidia-smi): all GPUs work. */
const onlyWarned = 14;

function findFailure(
  code: number,
  messages: readonly string[],
  gpus: readonly GpuReading[],
): AppError | null {
  const broken = messages.filter((line) => failed.test(line));
  const broke = broken.find((line) => ofGpu.test(line));
  const toolFailed = (line: string | undefined): AppError => {
    const detail = plainText(line ?? '', 300) || reasonIn(messages.join('\n')) || `exit code ${code}`;
    return new AppError('gpu-tool-failed', { step: 'probe', detail, command: 'nvidia-smi' });
  };
  if (gpus.length > 0) {
    const partial = broke !== undefined || (code !== 0 && code !== onlyWarned);
    return partial ? toolFailed(broke ?? broken[0]) : repeatedIndex('nvidia-smi', gpus);
  }
  if (code === 127 && messages.length === 0) return new AppError('no-gpu-tool', { step: 'probe' });
  // A header and nothing below it also means that there is no GPU; without the lost ones none may be left.
  const none = messages.some((line) => /no devices were found/i.test(line));
  if (broken.length === 0 && (none || (code === 0 && messages.length === 0)))
    return new AppError('no-gpu-devices', { step: 'probe' });
  return toolFailed(broke ?? broken[0]);
}

/** The column that this driver is too old or too new for, if that is what it says. */
export function invalidColumn(text: string): string | null {
  return /Field "([\w.]{1,100})" is not a valid field to query/.exec(text)?.[1] ?? null;
}

const appColumns = ['gpu_uuid', 'pid', 'process_name', 'used_memory'];

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

/** The version after `CUDA Version` in whatever nvidia-smi prints: its table, `-q`, `--version`. Never throws. */
export function parseCudaVersion(text: string): string | null {
  return /\bCUDA (?:UMD )?Version {0,60}: {0,3}(\d{1,3}\.\d{1,3})\b/.exec(text.slice(0, 20_000))?.[1] ?? null;
}

/** The lines of `-q -x` that tell of MIG instances; all of it is long. */
const migTags =
  '<(gpu id=|/gpu>|uuid>|/?mig_device>|index>|gpu_instance_id>|compute_instance_id>|/?fb_memory_usage>|total>|used>|/?process_info>|pid>|used_memory>)';

export const nvidiaSmi: GpuTool = {
  vendor: 'nvidia',
  program: 'nvidia-smi',
  folders: ['/usr/local/cuda/bin', '/usr/lib/wsl/lib', '/run/opengl-driver/bin'],
  part: 'gpus',
  shell: {
    functions: `mig() {
  o=$out
  run xml nvidia-smi -q -x
  out=$o
  run mig grep -E '${migTags}' xml
  : >xml
  run list nvidia-smi -L
}`,
    gpus: `run gpus nvidia-smi --query-gpu="\${2:-${gpuColumns.join(',')}}" --format=csv,nounits`,
    apps: `run apps nvidia-smi --query-compute-apps=${appColumns.join(',')} --format=csv,nounits
l= s=
while IFS=', ' read -r x p x; do
  case $p in '' | *[!0-9]*) ;; *) l=$l$s$p s=, ;; esac
done <apps
[ "$2" != mig ] || mig
[ -z "$l" ] || name "$l"`,
    facts: 'run cuda nvidia-smi -q -d COMPUTE',
  },
  heldGpus: 'nvidia-smi --query-compute-apps=gpu_uuid --format=csv,noheader',
  readTable: (frame, { columns }) =>
    parseGpus(textOf(frame, 'gpus'), partOf(frame, 'gpus')?.code ?? 0, columns ?? gpuColumns),
  readOccupants(frame) {
    const apps = partOf(frame, 'apps');
    if (apps === undefined) return null;
    return {
      apps: parseGpuApps(apps.text),
      instances: parseMig(textOf(frame, 'mig'), textOf(frame, 'list')),
    };
  },
  readCudaVersion: (facts) => parseCudaVersion(textOf(facts, 'cuda')),
  otherColumns(frame: Frame, asked) {
    const columns = asked ?? gpuColumns;
    const unknown = invalidColumn(textOf(frame, 'gpus'));
    return unknown !== null && columns.includes(unknown) ? withoutColumn(columns, unknown) : null;
  },
  detailsOf: (gpus) => (gpus.some(({ instances }) => instances !== null) ? 'mig' : ''),
};
