/** Measures the GPUs of one host over its shell, with whichever tool shows them, and who is on them. */

import type { AppError } from '#common/failure.ts';
import { type Frame, partOf } from './frames.ts';
import { type Occupancy, occupy, readProcesses, readTable, toolOf } from './gpu-answer.ts';
import { parseHostSystem } from './host-system.ts';
import type { GpuAnswer, GpuQuery } from './probe.ts';
import type { ProbeShell } from './shell.ts';
import type { GpuReading, GpuTable } from './tools/gpu-reading.ts';
import type { GpuTool } from './tools/gpu-tool.ts';

export interface MeterOptions {
  readonly timeoutMs: number;
  readonly firstGpusMs: number;
  readonly tools: readonly GpuTool[];
}

/** How the GPUs are asked for on this host. */
interface Way {
  /** Tools that show no GPU here, though a later one does. */
  readonly without: readonly string[];
  /** Columns that all are known to the tool; null: its own choice. */
  readonly columns: readonly string[] | null;
  /** Why the first tool showed none. */
  readonly reason: AppError | null;
}

const usualWay: Way = { without: [], columns: null, reason: null };

interface Asked {
  readonly frame: Frame;
  readonly tool: GpuTool | null;
  readonly table: GpuTable;
  readonly way: Way;
}

/** Returns the function that measures all GPUs. Its errors are those of {@link ProbeShell.request}. */
export function createGpuMeter(shell: ProbeShell, options: MeterOptions) {
  const table = createTableReader(shell, options);
  let occupancy: Occupancy | null = null;
  /** The GPUs of the latest answer that had processes. */
  let latest: readonly GpuReading[] = [];
  /** The memory in use by UUID at the latest look at processes. */
  let looked: MemoryByUuid = new Map();

  const askOccupancy = async (
    tool: GpuTool,
    gpus: readonly GpuReading[],
    signal: AbortSignal | undefined,
  ) => {
    const frame = await shell.request('apps', tool.detailsOf?.(gpus) ?? '', { signal });
    const read = tool.readOccupants(frame, gpus);
    // An answer that does not come says nothing about who is there.
    if (read === null) return;
    const isNamed = read.apps.length === 0 || partOf(frame, 'ps') !== undefined;
    const named = isNamed ? frame : await askNames(read.apps, signal);
    occupancy = { ...read, processes: readProcesses(named), readAt: Date.now() };
    looked = memoryOf(gpus);
  };

  const askNames = async (apps: Occupancy['apps'], signal: AbortSignal | undefined): Promise<Frame> => {
    const pids = [...new Set(apps.map(({ pid }) => pid))].slice(0, 1000).join(',');
    return await shell.request('names', pids, { signal });
  };

  return async ({ signal, processes }: GpuQuery): Promise<GpuAnswer> => {
    const { frame, tool, table: measured } = await table.ask(signal);
    if (tool !== null && measured.gpus.length > 0) {
      if (processes || occupancy === null || memoryMoved(measured.gpus, looked))
        await askOccupancy(tool, measured.gpus, signal);
      await table.askFacts(tool, signal);
    }
    const gpus = occupancy === null ? measured.gpus : occupy(measured.gpus, occupancy, latest);
    latest = gpus.filter(({ processes }) => processes.length > 0);
    const host = partOf(frame, 'host');
    return {
      ...measured,
      gpus,
      cudaVersion: table.cudaVersion(tool),
      system: host === undefined ? null : parseHostSystem(host.text),
    };
  };
}

/** Asks for the table of GPUs, by the first tool of the host that shows any. */
function createTableReader(shell: ProbeShell, { timeoutMs, firstGpusMs, tools }: MeterOptions) {
  let way = usualWay;
  let answered = false;
  /** Whether the host is known to have no other tool than the first. */
  let alone = false;
  let facts: { readonly tool: GpuTool; readonly frame: Frame } | null = null;

  const factsOf = (tool: GpuTool | null): Frame | null => (facts?.tool === tool ? facts.frame : null);

  /** Asks for what does not change, once. */
  const askFacts = async (tool: GpuTool, signal: AbortSignal | undefined): Promise<void> => {
    if (tool.shell.facts === undefined || factsOf(tool) !== null) return;
    facts = { tool, frame: await shell.request('facts', '', { signal }) };
  };

  const askOne = async (along: Way, signal: AbortSignal | undefined): Promise<Asked> => {
    const limitMs = answered ? timeoutMs : firstGpusMs;
    const words = [
      along.columns?.join(',') ?? '',
      ...(along.without.length > 0 ? [along.without.join(',')] : []),
    ];
    const frame = await shell.request('gpus', words, { signal, timeoutMs: limitMs });
    const tool = toolOf(frame, tools);
    const columns = tool?.otherColumns?.(frame, along.columns) ?? null;
    if (columns !== null) return await askOne({ ...along, columns }, signal);
    const read = () =>
      readTable(frame, { tool, timeoutMs: limitMs, columns: along.columns, facts: factsOf(tool) });
    let table = read();
    if (tool?.needsFacts === true && table.gpus.length > 0 && factsOf(tool) === null) {
      await askFacts(tool, signal);
      table = read();
    }
    return { frame, tool, table, way: along };
  };

  /** Asks the other tools of the host, where the first shows no GPU; null where none of them shows any. */
  const askOthers = async (first: Asked, signal: AbortSignal | undefined): Promise<Asked | null> => {
    const reason = first.table.failure?.code === 'gpu-tool-failed' ? first.table.failure : null;
    const without: string[] = [];
    for (let tool = first.tool; tool !== null && !alone; ) {
      without.push(tool.program);
      const other = await askOne({ without: [...without], columns: null, reason }, signal);
      if (other.table.gpus.length > 0) return other;
      tool = other.tool;
      alone = without.length === 1 && partOf(other.frame, 'none') !== undefined;
    }
    return null;
  };

  return {
    async ask(signal: AbortSignal | undefined): Promise<Asked> {
      let asked = await askOne(way, signal);
      // What worked in place of the first tool does so no more: begin anew.
      if (asked.table.gpus.length === 0 && asked.way.without.length > 0)
        asked = await askOne(usualWay, signal);
      if (asked.table.gpus.length === 0) asked = (await askOthers(asked, signal)) ?? asked;
      way = asked.way;
      answered = asked.table.gpus.length > 0;
      return { ...asked, table: { ...asked.table, failure: asked.table.failure ?? way.reason } };
    },
    askFacts,
    cudaVersion(tool: GpuTool | null): string | null {
      const known = tool === null ? null : factsOf(tool);
      return known === null ? null : (tool?.readCudaVersion?.(known) ?? null);
    },
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
