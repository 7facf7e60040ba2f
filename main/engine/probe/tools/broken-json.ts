/** JSON as tools print it: behind warnings, before them, and cut off where the output was too long. */

/** An object, or an array of objects or of nothing: a warning may begin with `[12]` or `[WARN]`. */
const jsonStart = /^[ \t]{0,80}(?:\{|\[(?=\s{0,200}[{\]]))/gm;
const mostStarts = 8;
const mostValues = 64;
/** More than a frame of the shell can hold. */
const mostChars = 2_000_000;
const deepest = 64;

/**
 * Parses the JSON objects and arrays of objects that begin a line, one after the other, as of a wrapper that joins the output of
 * several hosts. Where one ends too early, what is complete is read and the rest left out. Never throws.
 */
export function parseBrokenJsons(text: string): readonly unknown[] {
  const bounded = text.slice(0, mostChars);
  const start = new RegExp(jsonStart);
  const values: unknown[] = [];
  let failures = 0;
  for (let found = start.exec(bounded); found !== null; found = start.exec(bounded)) {
    const json = bounded.slice(found.index);
    const whole = tryParse(json);
    if (whole !== undefined) return [...values, whole];
    const { text: part, end } = complete(json);
    const value = tryParse(part);
    if (value === undefined) failures += 1;
    else {
      values.push(value);
      start.lastIndex = found.index + end;
    }
    if (failures >= mostStarts || values.length >= mostValues) break;
  }
  return values;
}

function tryParse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The caller tells this from a value by `undefined`.
    return undefined;
  }
}

/** The text up to the end of the first value or, in one that is cut off, to its last complete member; and how much of it that was. */
function complete(json: string): { readonly text: string; readonly end: number } {
  const open: string[] = [];
  let end = 0;
  let openAtEnd = 0;
  let finished = false;
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
      finished = open.length === 0;
    }
    if (finished || open.length > deepest) break;
  }
  const text = json.slice(0, end) + open.slice(0, openAtEnd).toReversed().join('');
  return { text, end: finished ? end : json.length };
}

/** Where the string that begins at `at` ends: its closing quote, or the end of the text. */
function endOfString(json: string, at: number): number {
  for (let next = at + 1; next < json.length; next += 1) {
    if (json[next] === '\\') next += 1;
    else if (json[next] === '"') return next;
  }
  return json.length;
}
