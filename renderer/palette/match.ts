/** Which entries of the palette a few typed words mean, the likeliest first. Pure. */

import type { PaletteEntry } from './entries.ts';

/** More cannot be looked through; another letter narrows them. */
export const mostShown = 50;

export interface Matches {
  /** At most {@link mostShown}. */
  readonly shown: readonly PaletteEntry[];
  readonly all: number;
}

/**
 * All words must occur in the title or the detail. A title that begins with what is typed comes first, then one with a word
 * that does, then one that has it inside; equal ones stay in their order.
 */
export function matchEntries(entries: readonly PaletteEntry[], typed: string): Matches {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return { shown: entries.slice(0, mostShown), all: entries.length };
  const words = wanted.split(/\s+/);
  const found = entries.flatMap((entry) => {
    const title = entry.title.toLowerCase();
    const text = `${title} ${entry.detail.toLowerCase()}`;
    return words.every((word) => text.includes(word)) ? [{ entry, rank: rankOf(title, wanted, words) }] : [];
  });
  const sorted = found.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry);
  return { shown: sorted.slice(0, mostShown), all: sorted.length };
}

function rankOf(title: string, wanted: string, words: readonly string[]): number {
  if (title === wanted) return 0;
  if (title.startsWith(wanted)) return 1;
  if (words.every((word) => beginsWord(title, word))) return 2;
  return words.every((word) => title.includes(word)) ? 3 : 4;
}

/** Whether it stands in the title behind a sign or at its start: `qwen3` in `Qwen/Qwen3-32B`. */
function beginsWord(title: string, word: string): boolean {
  for (let at = title.indexOf(word); at >= 0; at = title.indexOf(word, at + 1)) {
    if (!/[\p{L}\p{N}]/u.test(title.slice(at - 1, at))) return true;
  }
  return false;
}
