/** Which lines of a list are selected, by the numbers they carry: as file managers do it. */

export interface Selection {
  /** Where a range begins, and the line that arrows go on from; null: none yet. */
  readonly anchor: number | null;
  readonly active: number | null;
  readonly chosen: ReadonlySet<number>;
}

export const nothingSelected: Selection = { anchor: null, active: null, chosen: new Set() };

/** How a line is chosen: alone, beside the others, or with all from the anchor on. */
export type Way = 'alone' | 'beside' | 'through';

/** `shown` are the numbers of the lines that can be seen, in order. */
export function choose(before: Selection, line: number, way: Way, shown: readonly number[]): Selection {
  if (way === 'beside') {
    const chosen = new Set(before.chosen);
    if (!chosen.delete(line)) chosen.add(line);
    return { anchor: line, active: line, chosen };
  }
  const anchor = before.anchor === null || !shown.includes(before.anchor) ? line : before.anchor;
  if (way === 'alone' || anchor === line) return { anchor: line, active: line, chosen: new Set([line]) };
  const [from, to] = [shown.indexOf(anchor), shown.indexOf(line)].sort((a, b) => a - b);
  return { anchor, active: line, chosen: new Set(shown.slice(from, (to ?? 0) + 1)) };
}

export function chooseAll(before: Selection, shown: readonly number[]): Selection {
  return { ...before, chosen: new Set(shown) };
}

/** The line that an arrow, Home or End leads to; undefined for other keys. */
export function target(before: Selection, key: string, shown: readonly number[]): number | undefined {
  const at = before.active === null ? -1 : shown.indexOf(before.active);
  if (key === 'ArrowDown') return shown[Math.min(at + 1, shown.length - 1)];
  if (key === 'ArrowUp') return at < 0 ? shown.at(-1) : shown[Math.max(0, at - 1)];
  if (key === 'Home') return shown[0];
  return key === 'End' ? shown.at(-1) : undefined;
}
