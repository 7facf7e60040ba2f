/** JSON as tools print it: behind warnings, before them, and cut off where the output was too long. */

/** An object, or an array of objects or of nothing: a warning may begin with `[12]` or `[WARN]`. */
const jsonStart = /^[ \t]{0,80}(?:\{|\[(?=\s{0,200}[{\]]))/gm;
const mostStarts = 8;
/** More than a frame of the shell can hold. */
const mostChars = 2_000_000;
const deepest = 64;

/**
 * Parses the first JSON object or array of objects that begins a line. Where it ends too early, what is complete is read
 * and the rest left out. Returns undefined where there is none. Never throws.
 */
export function parseBrokenJson(text: string): unknown {
  const bounded = text.slice(0, mostChars);
  let tries = 0;
  for (const { index } of bounded.matchAll(jsonStart)) {
    tries += 1;
    if (tries > mostStarts) break;
    const json = bounded.slice(index);
    const value = tryParse(json) ?? tryParse(complete(json));
    if (value !== undefined) return value;
  }
  return undefined;
}

function tryParse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The caller tells this from a value by `undefined`.
    return undefined;
  }
}

/** The text up to the end of the first value or, in one that is cut off, to its last complete member. */
function complete(json: string): string {
  const open: string[] = [];
  let end = 0;
  let openAtEnd = 0;
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at];
    if (char === '"') at = endOfString(json, at);
    else if (char === '{') open.push('}');
    else if (char === '[') open.push(']');
    else if (char === ',') {
      end = at;
      openAtEnd = open.length;
    } else if (char === '}' || char === ']') {
      if (open.at(-1) !== char) break;
      open.pop();
      end = at + 1;
      openAtEnd = open.length;
      if (open.length === 0) break;
    }
    if (open.length > deepest) break;
  }
  return json.slice(0, end) + open.slice(0, openAtEnd).toReversed().join('');
}

/** Where the string that begins at `at` ends: its closing quote, or the end of the text. */
function endOfString(json: string, at: number): number {
  for (let next = at + 1; next < json.length; next += 1) {
    if (json[next] === '\\') next += 1;
    else if (json[next] === '"') return next;
  }
  return json.length;
}
