/** What is asked of a host over its shell: its GPUs with who is on them, its own load, and what listens there. */

import { AppError } from '#common/errors.ts';
import type { HostSystem } from '#common/model.ts';
import type { Transport } from '../ssh/transport.ts';
import type { Frame } from './frames.ts';
import { type Occupancy, occupy, partOf, readOccupancy, readTable } from './gpu-answer.ts';
import type { GpuReading, GpuTable } from './gpu-reading.ts';
import { parseCudaVersion, parseHostSystem } from './host-system.ts';
import { gpuColumns, invalidColumn, withoutColumn } from './nvidia.ts';
import { type ListeningPort, parseProcNetTcp, parseSs } from './ports.ts';
import { parsePs } from './processes.ts';
import { openShell, type ProbeShell, type ShellOptions } from './shell.ts';

/**
 * The failure (`no-gpu-tool`, `no-gpu-devices`, `gpu-tool-failed`, `gpu-tool-hung`) says why there are no GPUs or, beside
 * the ones that answered, why the tool failed for others. The host itself is well.
 */
export interface GpuAnswer extends GpuTable {
  readonly cudaVersion: string | null;
  readonly system: HostSystem | null;
}

export interface GpuQuery {
  readonly signal?: AbortSignal | undefined;
  /** Also look at the processes; otherwise the known ones stay, unless memory shows that they have changed. */
  readonly processes: boolean;
}

export interface ProbeOptions extends ShellOptions {
  /** How long the first answer of the GPU tool may take: without persistence mode the driver starts up for it. */
  readonly firstGpusMs?: number;
}

export interface Probe {
  /** Measures all GPUs. Errors: those of {@link ProbeShell.request}. */
  gpus(query: GpuQuery): Promise<GpuAnswer>;
  /** Lists the listening TCP ports, ascending. Errors: those of {@link ProbeShell.request}. */
  ports(signal?: AbortSignal): Promise<readonly ListeningPort[]>;
  /** Calls the listener once, when the shell has ended: this Probe is of no more use then. Returns the removal. */
  onClose(listener: (reason: AppError) => void): () => void;
  close(): void;
}

/** Opens the host's shell and returns the Probe over it. Errors: those of {@link openShell}. */
export async function openProbe(transport: Transport, options: ProbeOptions): Promise<Probe> {
  const { timeoutMs, firstGpusMs = timeoutMs } = options;
  const shell = await openShell(transport, { ...options, longestMs: Math.max(timeoutMs, firstGpusMs) });
  const gpus = createGpuMeter(shell, { timeoutMs, firstGpusMs });
  return {
    gpus,
    async ports(signal) {
      const frame = await shell.request('ports', '', { signal });
      const ss = partOf(frame, 'ss');
      const tcp = partOf(frame, 'tcp');
      if (ss !== undefined) return parseSs(ss.text);
      if (tcp !== undefined) return parseProcNetTcp(tcp.text);
      throw new AppError('probe-timeout', {
        step: 'probe',
        detail: 'the list of listening ports does not come',
      });
    },
    onClose: shell.onClose,
    close: shell.close,
  };
}

interface MeterOptions {
  readonly timeoutMs: number;
  readonly firstGpusMs: number;
}

interface Facts {
  readonly cudaVersion: string | null;
  readonly amd: string;
}

function createGpuMeter(shell: ProbeShell, { timeoutMs, firstGpusMs }: MeterOptions) {
  // Columns that this host's driver does not know are asked for once only.
  let columns = gpuColumns;
  let answered = false;
  let facts: Facts | null = null;
  let occupancy: Occupancy | null = null;
  /** The GPUs of the latest answer that had processes. */
  let latest: readonly GpuReading[] = [];
  /** The memory in use by UUID at the latest look at processes. */
  let looked: MemoryByUuid = new Map();

  const askFacts = async (signal: AbortSignal | undefined): Promise<void> => {
    const frame = await shell.request('facts', '', { signal });
    facts = {
      cudaVersion: parseCudaVersion(partOf(frame, 'cuda')?.text ?? ''),
      amd: partOf(frame, 'static')?.text ?? '',
    };
  };

  const askTable = async (signal: AbortSignal | undefined): Promise<{ frame: Frame; table: GpuTable }> => {
    const limitMs = answered ? timeoutMs : firstGpusMs;
    const frame = await shell.request('gpus', columns.join(','), { signal, timeoutMs: limitMs });
    const unknown = invalidColumn(partOf(frame, 'gpus')?.text ?? '');
    if (unknown !== null && columns.includes(unknown)) {
      columns = withoutColumn(columns, unknown);
      return await askTable(signal);
    }
    if (facts === null && partOf(frame, 'metric') !== undefined) await askFacts(signal);
    const table = readTable(frame, { columns, amdFacts: facts?.amd ?? '', timeoutMs: limitMs });
    answered = table.gpus.length > 0;
    return { frame, table };
  };

  const askOccupancy = async (
    gpus: readonly GpuReading[],
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const frame = await shell.request('apps', gpus.some(({ instances }) => instances !== null) ? 'mig' : '', {
      signal,
    });
    const read = readOccupancy(frame, gpus, Date.now());
    // An answer that does not come says nothing about who is there.
    if (read === null) return;
    occupancy = gpus[0]?.vendor === 'amd' ? await nameProcesses(read, signal) : read;
    looked = memoryOf(gpus);
  };

  const nameProcesses = async (read: Occupancy, signal: AbortSignal | undefined): Promise<Occupancy> => {
    if (read.apps.length === 0) return read;
    const pids = [...new Set(read.apps.map(({ pid }) => pid))].slice(0, 1000).join(',');
    const named = await shell.request('names', pids, { signal });
    return { ...read, processes: parsePs(partOf(named, 'ps')?.text ?? '') };
  };

  return async ({ signal, processes }: GpuQuery): Promise<GpuAnswer> => {
    const { frame, table } = await askTable(signal);
    if (table.gpus.length > 0 && (processes || occupancy === null || memoryMoved(table.gpus, looked)))
      await askOccupancy(table.gpus, signal);
    if (table.gpus.length > 0 && facts === null) await askFacts(signal);
    const gpus = occupancy === null ? table.gpus : occupy(table.gpus, occupancy, latest);
    latest = gpus.filter(({ processes }) => processes.length > 0);
    const host = partOf(frame, 'host');
    return {
      ...table,
      gpus,
      cudaVersion: facts?.cudaVersion ?? null,
      system: host === undefined ? null : parseHostSystem(host.text),
    };
  };
}

/** More than a context of the driver's own comes to. */
const movedMiB = 256;

type MemoryByUuid = ReadonlyMap<string, number | null>;

function memoryOf(gpus: readonly GpuReading[]): MemoryByUuid {
  return new Map(gpus.map(({ uuid, memUsedMiB }) => [uuid, memUsedMiB]));
}

/** Whether processes have come or gone since, by the memory that they take. */
function memoryMoved(gpus: readonly GpuReading[], before: MemoryByUuid): boolean {
  return gpus.some(({ uuid, memUsedMiB }) => {
    const known = before.get(uuid);
    return known === undefined || Math.abs((memUsedMiB ?? 0) - (known ?? 0)) > movedMiB;
  });
}
