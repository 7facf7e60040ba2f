/** The shape of an adapter: all that the app must know of one GPU tool is one such value, listed in registry.ts. */

import type { GpuVendor } from '#common/gpu-tools.ts';
import type { MigInstance } from '#common/hosts.ts';
import type { Frame } from '../frames.ts';
import type { GpuReading, GpuTable } from './gpu-reading.ts';

/** A process that a GPU tool names. */
export interface GpuApp {
  /** The GPU's. */
  readonly uuid: string;
  readonly pid: number;
  readonly name: string | null;
  readonly memUsedMiB: number | null;
}

/** The parts into which a GPU is divided. */
export interface Instances {
  readonly instances: readonly Omit<MigInstance, 'processes'>[];
  /** The instance's index by process id. */
  readonly instanceOf: ReadonlyMap<number, number>;
}

/** Who is on the GPUs, as the tool says it. */
export interface Occupants {
  readonly apps: readonly GpuApp[];
  /** By UUID of the GPU. */
  readonly instances: ReadonlyMap<string, Instances>;
}

/** What is known when a table is read. */
export interface TableContext {
  /** The columns that were asked for; null: the tool's own choice. */
  readonly columns: readonly string[] | null;
  /** The answer to `facts`; null before it was asked for. */
  readonly facts: Frame | null;
}

/**
 * Shell text for a job of script.ts, POSIX sh. `run PART COMMAND...` leaves the output of a command in the file PART, which goes
 * into the answer, and its exit code in `c`; `name PIDS` adds what ps knows of processes, by their ids with commas between them.
 */
export interface ToolShell {
  /** Functions that the other texts call; their names must be those of no other tool. */
  readonly functions?: string;
  /** Measures all GPUs; `$2` are the columns, or empty. Makes the tool's {@link GpuTool.part}. */
  readonly gpus: string;
  /** Lists the processes; `$2` is what {@link GpuTool.detailsOf} returned. */
  readonly apps: string;
  /** Asked once for a connection: what does not change. */
  readonly facts?: string;
}

export interface GpuTool {
  readonly vendor: GpuVendor;
  /** Its name in PATH: the tool is there where the shell finds it. */
  readonly program: string;
  /** Folders where it may lie, beside those of all programs. */
  readonly folders: readonly string[];
  readonly shell: ToolShell;
  /** One command that prints the UUIDs of the GPUs on which processes run, one a line, or fails; absent where the tool cannot. */
  readonly heldGpus?: string;
  /** The part by which an answer to `gpus` is known as its own: lower-case letters. */
  readonly part: string;
  /** Whether a table is complete only with the facts. */
  readonly needsFacts?: boolean;

  /** Reads an answer to `gpus` that has its part. Never throws. */
  readonly readTable: (frame: Frame, context: TableContext) => GpuTable;
  /** Reads the answer to `apps`; null where the list did not come. Never throws. */
  readonly readOccupants: (frame: Frame, gpus: readonly GpuReading[]) => Occupants | null;
  /** The newest CUDA that the driver serves, by the answer to `facts`. Never throws. */
  readonly readCudaVersion?: (facts: Frame) => string | null;
  /** Other columns to ask for, where the answer says that the tool does not know one of them; else null. */
  readonly otherColumns?: (frame: Frame, columns: readonly string[] | null) => readonly string[] | null;
  /** A word for its `apps`, `[\w.,-]*`, by the GPUs of the latest table. */
  readonly detailsOf?: (gpus: readonly GpuReading[]) => string;
}
