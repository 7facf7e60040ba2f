/** Numbers and words that only the window needs; the shared ones are in #common/format.ts. */

import type { Language } from '#common/language.ts';
import type { FinishedScan, Host } from '#common/model.ts';
import { errorWords } from '#common/words/states.ts';
import { frameWords } from '../components/words.ts';

/** Whole percent, rounded down so that 100 % means finished. */
export function donePct({ done, total }: Pick<FinishedScan, 'done' | 'total'>): number {
  return total === 0 ? 100 : Math.floor((100 * Math.min(done, total)) / total);
}

/** The part of a model id after its organisation: `Llama-3.1-8B` for `meta-llama/Llama-3.1-8B`. */
export function shortModelName(id: string): string {
  return id.split('/').findLast((part) => part !== '') ?? id;
}

/** `8 × H100 80GB HBM3`; several kinds are joined by a comma. */
export function gpuKinds(host: Host): string {
  const counts = new Map<string, number>();
  for (const gpu of host.gpus) {
    const name = gpu.name.replace(/^NVIDIA\s+/, '');
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
