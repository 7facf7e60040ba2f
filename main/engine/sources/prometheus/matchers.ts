/** Matchers of labels that take any text. Pure. */

/** So long a regular expression is sent at most, its syntax of PromQL not counted. */
export const longestMatcher = 1500;

/** For RE2 inside of a double-quoted text of PromQL. */
export function escaped(text: string): string {
  return text
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replace(/[\\"]/g, '\\$&')
    .replace(/\n/g, '\\n');
}

/** A matcher for exactly these values of the label: `instance=~"a|b"`. */
export function anyOf(label: string, values: readonly string[]): string {
  return `${label}=~"${values.map(escaped).join('|')}"`;
}
