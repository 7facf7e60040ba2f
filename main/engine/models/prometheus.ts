/**
 * Prometheus' text format and OpenMetrics, read tolerantly (https://prometheus.io/docs/instrumenting/exposition_formats):
 * HELP and TYPE are not needed, a broken line costs only itself. Pure; nothing here throws.
 */

export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** May be infinite or NaN. */
  readonly value: number;
}

const longestLine = 20_000;
const mostSamples = 50_000;
const mostLabels = 64;

/** Whether the text is something else: a page, JSON. */
export function isOtherText(text: string, contentType = ''): boolean {
  const start = text.slice(0, 1100).trimStart();
  if (contentType === 'text/html' || /^[<[]/.test(start)) return true;
  return start.startsWith('{') && !quotedName.test(start);
}

/** The samples whose name is wanted, in the order of the text; the labels of others are not even read. */
export function parsePrometheus(
  text: string,
  isWanted: (name: string) => boolean = () => true,
): readonly Sample[] {
  const samples: Sample[] = [];
  let start = 0;
  while (start < text.length && samples.length < mostSamples) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (end - start <= longestLine) {
      const sample = parseLine(text.slice(start, end), isWanted);
      if (sample !== null) samples.push(sample);
    }
    start = end + 1;
  }
  return samples;
}

const nameEnd = /[{\s]/;
/** The name inside of the braces, in quotes, as Prometheus 3 writes names that are not plain: `{"name",label="x"} 1`. */
const quotedName = /^\{\s*"((?:[^"\\]|\\.){1,200})"\s*(?=[,}])/;

/** The name of the metric of a line, at its beginning; null for a comment and for what is no sample. */
export function metricNameOf(line: string): string | null {
  const trimmed = line.trimStart();
  if (trimmed.startsWith('#')) return null;
  const quoted = trimmed.startsWith('{') ? quotedName.exec(trimmed)?.[1] : undefined;
  if (quoted !== undefined) return unescapeLabel(quoted);
  const at = trimmed.search(nameEnd);
  return at <= 0 ? null : trimmed.slice(0, at);
}

function parseLine(line: string, isWanted: (name: string) => boolean): Sample | null {
  const trimmed = line.trim();
  const name = metricNameOf(trimmed);
  if (name === null || !isWanted(name)) return null;
  const open = trimmed.startsWith('{')
    ? trimmed.replace(quotedName, '{')
    : trimmed.slice(name.length).trimStart();
  const labelled = open.startsWith('{')
    ? parseLabels(open)
    : { labels: new Map<string, string>(), rest: open };
  const value = labelled === null ? null : parseValue(labelled.rest);
  return labelled === null || value === null ? null : { name, labels: labelled.labels, value };
}

interface Labelled {
  readonly labels: ReadonlyMap<string, string>;
  /** What follows the closing brace. */
  readonly rest: string;
}

const anyLabel = /\s*(?:(\})|,|(?:([\w:.]{1,200})|"((?:[^"\\]|\\.){1,200})")\s*=\s*"((?:[^"\\]|\\.)*)")/y;
/** A label up to its value, as almost all programs write it: without blanks and without quotes around the name. */
const plainName = /[\w:.]{1,200}="/y;

/** `{le="0.5", model="a \"b\" }"} 7`: a value may hold braces, commas and escaped quotes; a name may be quoted, too. */
function parseLabels(text: string): Labelled | null {
  const labels = new Map<string, string>();
  let at = 1;
  while (labels.size <= mostLabels) {
    plainName.lastIndex = at;
    const from = plainName.test(text) ? plainName.lastIndex : -1;
    const end = from < 0 ? -1 : text.indexOf('"', from);
    const plain = end < 0 ? '\\' : text.slice(from, end);
    if (!plain.includes('\\')) {
      labels.set(text.slice(at, from - 2), plain);
      at = text[end + 1] === ',' ? end + 2 : end + 1;
      continue;
    }
    anyLabel.lastIndex = at;
    const found = anyLabel.exec(text);
    if (found === null) return null;
    at = anyLabel.lastIndex;
    const [, close, bare, quoted, value = ''] = found;
    if (close !== undefined) return { labels, rest: text.slice(at) };
    const name = bare ?? quoted;
    if (name !== undefined) labels.set(unescapeLabel(name), unescapeLabel(value));
  }
  return null;
}

function unescapeLabel(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/\\(.)/g, (_all, char: string) => (char === 'n' ? '\n' : char));
}

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The first word; a timestamp or an exemplar may follow. */
function parseValue(rest: string): number | null {
  const text = rest.trim();
  if (number.test(text)) return Number(text);
  const [word = ''] = text.split(/\s/, 1);
  if (number.test(word)) return Number(word);
  if (/^[+-]?inf(?:inity)?$/i.test(word)) return word.startsWith('-') ? -Infinity : Infinity;
  return /^nan$/i.test(word) ? Number.NaN : null;
}
