/** What the settings allow in their lists of names. */
export const mostGlobs = 200;
export const mostNames = 10_000;

export function readGlob(text: string): string | null {
  return text.length <= 200 ? text : null;
}

export function readName(text: string): string | null {
  return text.length <= 300 ? text : null;
}
