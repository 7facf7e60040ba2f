/** Small choices of the reader, kept in the page's own storage. */

/** What was kept under the key; undefined where there is nothing, or nothing usable. */
export function readKept(key: string): unknown {
  try {
    return JSON.parse(window.localStorage.getItem(`vllm-tray.${key}`) ?? 'null') ?? undefined;
  } catch {
    // Refused, or not written by this app.
    return undefined;
  }
}

export function keep(key: string, value: unknown): void {
  try {
    window.localStorage.setItem(`vllm-tray.${key}`, JSON.stringify(value));
  } catch {
    // A browser may refuse storage altogether; the choice then holds until the page is closed.
  }
}
