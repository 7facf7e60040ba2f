import { matchPattern } from '../ssh/config/pattern.ts';

/** Whether any of these patterns of the settings (`*`, `?`) matches the whole text, whatever its case. */
export function matchesAny(text: string, globs: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return globs.some((glob) => matchPattern(lower, glob.toLowerCase()));
}

/** The same for a list that means everything when it names nothing. */
export function matchesAnyOrAll(text: string, globs: readonly string[]): boolean {
  return globs.length === 0 || matchesAny(text, globs);
}
