/** What the readers of `amd-smi` and `rocm-smi` share. Pure; nothing here throws. */

import * as z from 'zod/mini';
import { AppError } from '#common/errors.ts';
import type { GpuProcess } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import { type GpuReading, type GpuTable, inOrder } from './gpu-reading.ts';

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

export function tableOf(gpus: readonly GpuReading[], driverVersion: string | null): GpuTable {
  const failure = gpus.length === 0 ? new AppError('no-gpu-devices', { step: 'probe' }) : null;
  return { gpus: inOrder(gpus), driverVersion, failure };
}

/** The table of a tool that printed something else than GPUs. */
export function failedTable(tool: string, text: string, code: number): GpuTable {
  const detail = `${tool}: ${messageIn(text.slice(0, 10_000)) || `exit code ${code}`}`;
  return {
    gpus: [],
    driverVersion: null,
    failure: new AppError('gpu-tool-failed', { step: 'probe', detail, command: tool }),
  };
}

/** The error in JSON, `{"error": "..."}`, or the line that sounds like one, or the first. */
function messageIn(text: string): string {
  const inJson = /"error" {0,3}: {0,3}"([^"]{1,300})"/.exec(text)?.[1];
  const line = text.split('\n').find((one) => /error|fail|unable|cannot|denied/i.test(one)) ?? text.trim();
  return /^\s{0,80}(?:\{|\[\s{0,80}(?:\{|$))/.test(line) && inJson === undefined
    ? 'its JSON cannot be read'
    : plainText(inJson ?? line.split('\n', 1)[0] ?? '', 200);
}
