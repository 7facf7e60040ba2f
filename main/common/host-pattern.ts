import { settingsBounds } from './bounds.ts';

/** The regular expression of a pattern for hosts; null where it is none, or too long. */
export function readPattern(text: string): RegExp | null {
  if (text.length > settingsBounds.patternLength) return null;
  try {
    return new RegExp(text);
  } catch {
    // That is the question.
    return null;
  }
}
