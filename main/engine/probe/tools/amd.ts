/** What the readers of `amd-smi` and `rocm-smi` share. Pure; nothing here throws. */

import * as z from 'zod/mini';
import { AppError } from '#common/failure.ts';
import type { GpuProcess } from '#common/hosts.ts';
import { plainText } from '#common/text.ts';
import { type GpuReading, type GpuTable, inOrder, repeatedIndex } from './gpu-reading.ts';
import type { GpuApp } from './gpu-tool.ts';
import { reasonIn } from './reason.ts';

/** A process on an AMD GPU; whose it is, `ps` says. */
export interface AmdProcess extends Pick<GpuProcess, 'pid' | 'memUsedMiB'> {
  /** The GPU's index; null where the tool does not say. */
  readonly gpu: number | null;
  readonly name: string | null;
}

export const mostGpus = 256;
export const mostProcesses = 4096;

export type Fields = Readonly<Record<string, unknown>>;

const anObject = z.record(z.string(), z.unknown());

export function fieldsOf(value: unknown): Fields {
  const parsed = anObject.safeParse(value);
  return parsed.success ? parsed.data : {};
}

/** On the GPU that the tool names; where it names none, with one GPU it is clear. */
export function placeOnGpus(
  processes: readonly AmdProcess[],
  gpus: readonly GpuReading[],
): readonly GpuApp[] {
  return processes.flatMap(({ gpu, ...process }) => {
    const index = gpu ?? (gpus.length === 1 ? gpus[0]?.index : undefined);
    const found = gpus.find((one) => one.index === index);
    return found === undefined ? [] : { uuid: found.uuid, ...process };
  });
}

/** A number, bare or as text; null for `"N/A"` and all else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return /^-?\d{1,20}(?:\.\d{1,9})?$/.test(value) ? Number(value) : null;
  return null;
}

/** A whole number from `least` on; null for all else. */
export function countOf(value: unknown, least = 0): number | null {
  const count = numberOf(value);
  return count !== null && Number.isSafeInteger(count) && count >= least ? count : null;
}

export function mibOf(bytes: number | null): number | null {
  return bytes === null || bytes < 0 ? null : Math.round(bytes / 1_048_576);
}

export function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = plainText(value, 100);
  return text === '' || /^N\/A$/i.test(text) ? null : text;
}

/** The GPU's own number; null for the zeros of one that has none. */
export function serialOf(value: unknown): string | null {
  const serial = textOf(value);
  return serial === null || /^(?:0x)?0+$/.test(serial) ? null : serial;
}

/** The table of what the tool listed; none at all is the failure `no-gpu-devices`. */
export function tableOf(tool: string, gpus: readonly GpuReading[], driverVersion: string | null): GpuTable {
  const failure =
    gpus.length === 0 ? new AppError('no-gpu-devices', { step: 'probe' }) : repeatedIndex(tool, gpus);
  return { gpus: inOrder(gpus), driverVersion, failure };
}

/** The table of a tool that printed something else than GPUs. */
export function failedTable(tool: string, text: string, code: number): GpuTable {
  const detail = `${tool}: ${reasonIn(text) || `exit code ${code}`}`;
  return {
    gpus: [],
    driverVersion: null,
    failure: new AppError('gpu-tool-failed', { step: 'probe', detail, command: tool }),
  };
}

/**
 * The processors that are a part of a CPU and share its memory (LLVM's AMDGPUUsage, "AMDGPU Processors", column "dGPU/APU"), as
 * `gfx1151`; rocm-smi writes 90c as 9012. MI300A is left out: it has the number of a card, and all its memory is its own.
 */
const sharing = /^gfx(?:70[035]|801|810|902|909|90c|9012|1013|103[3567]|1103|11[57]\d)$/i;
/** What such a GPU is called where its processor is not known: by its own name, or by that of its CPU. */
const sharingNames =
  /\bRadeon(?:\(TM\)|\u2122)?(?: Vega \d{1,2}| \d{3,4}[MS])? Graphics\b|\bRadeon(?:\(TM\)|\u2122)? \d{3,4}[MS]\b|^(?:Raven|Picasso|Renoir|Lucienne|Cezanne|Barcelo|Rembrandt|Raphael|Granite Ridge|Phoenix|Hawk ?Point|Mendocino|Van ?Gogh|Strix|Krackan)/i;
/** No card has so little; parts of the host's memory that are set aside for a GPU mostly are 512 MiB. */
const leastOfCardMiB = 1024;

export interface AmdKind {
  /** `gfx1151`. */
  readonly processor: string | null;
  readonly name: string | null;
  readonly memTotalMiB: number | null;
}

/**
 * Whether the GPU uses the memory of the host (an APU): then its own memory is only the part that is set aside at start. The
 * processor decides; how much more a GPU may borrow (GTT) does not, since every card may borrow half of the host's.
 */
export function sharesMemory({ processor, name, memTotalMiB }: AmdKind): boolean {
  if (processor !== null && /^gfx[\da-f]{3,6}$/i.test(processor)) return sharing.test(processor);
  return sharingNames.test(name ?? '') || (memTotalMiB !== null && memTotalMiB <= leastOfCardMiB);
}
