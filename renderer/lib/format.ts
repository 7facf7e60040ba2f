/** Numbers and words that only the window needs; the shared ones are in #common/format.ts. */

import type { Host } from '#common/hosts.ts';
import type { Language } from '#common/language.ts';
import type { FinishedScan } from '#common/snapshot.ts';
import { errorWords } from '#common/words/states.ts';
import { frameWords } from './frame-words.ts';

/** Whole percent, rounded down so that 100 % means finished. */
export function donePct({ done, total }: Pick<FinishedScan, 'done' | 'total'>): number {
  return total === 0 ? 100 : Math.floor((100 * Math.min(done, total)) / total);
}

/** The longer of two texts, for the column that holds both. */
export function longer(a: string, b: string): string {
  return a.length >= b.length ? a : b;
}

/** The name without its maker: `H100 80GB HBM3`. */
export function shortGpuName(name: string): string {
  return name.replace(/^NVIDIA\s+/, '');
}

/** `8 × H100 80GB HBM3`; several kinds are joined by a comma. */
export function gpuKinds(host: Host): string {
  const { gpus } = host;
  const [first] = gpus;
  // Nearly all hosts have one kind, and every measurement of one asks.
  if (first !== undefined && gpus.every(({ name }) => name === first.name))
    return `${gpus.length} × ${shortGpuName(first.name)}`;
  const counts = new Map<string, number>();
  for (const gpu of gpus) {
    const name = shortGpuName(gpu.name);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, n]) => `${n} × ${name}`).join(', ');
}

/** One quiet line under the host's name: what it has, or how far the scan is with it. */
export function hostLine(host: Host, language: Language): string {
  const { state } = host;
  const { hostLines, steps } = frameWords[language];
  switch (state.kind) {
    case 'unresolved':
    case 'queued':
      return gpuKinds(host) || hostLines[state.kind];
    case 'connecting':
      return steps[state.step];
    case 'up':
      return gpuKinds(host) || hostLines.noGpu;
    case 'no-gpu':
      return hostLines.noGpu;
    case 'stale':
      return hostLines.stale;
    default:
      return errorWords(state.failure.code, language).title;
  }
}

/** `18:05:09.123`, in the computer's own time. */
export function preciseTime(at: number): string {
  const date = new Date(at);
  const part = (value: number, length = 2) => String(value).padStart(length, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((value) => part(value)).join(':');
  return `${clock}.${part(date.getMilliseconds(), 3)}`;
}
