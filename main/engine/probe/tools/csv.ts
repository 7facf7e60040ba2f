/** The CSV that `nvidia-smi --format=csv,nounits` prints: never quoted, so a comma can only be part of a name. */

export interface CsvTable {
  /** One record per row, keyed by column without its unit: `memory.used`, not `memory.used [MiB]`. */
  readonly rows: readonly Readonly<Record<string, string>>[];
  /** Lines that are no row: messages, whatever a wrapper printed. */
  readonly others: readonly string[];
}

const columnName = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?: \[[^\]]*\])?$/i;
const mostRows = 4096;

/**
 * Reads the text by its header, wherever it stands and however often; without any header, rows are taken to have the
 * columns that were asked for. `wide` names the column that may hold commas. Never throws.
 */
export function parseCsv(text: string, asked: readonly string[], wide: string): CsvTable {
  const rows: Record<string, string>[] = [];
  const others: string[] = [];
  let columns = asked;
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line.trim() === '') continue;
    if (rows.length + others.length >= mostRows) break;
    const cells = line.split(',').map((cell) => cell.trim());
    const header = readHeader(cells, asked);
    const row = header === null ? readRow(cells, columns, wide) : null;
    if (header !== null) columns = header;
    else if (row !== null) rows.push(row);
    else others.push(line);
  }
  return { rows, others };
}

function readHeader(cells: readonly string[], asked: readonly string[]): readonly string[] | null {
  if (!cells.every((cell) => columnName.test(cell))) return null;
  const names = cells.map((cell) => cell.replace(/ \[.*$/, '').toLowerCase());
  return names.some((name) => asked.includes(name)) ? names : null;
}

function readRow(
  cells: readonly string[],
  columns: readonly string[],
  wide: string,
): Record<string, string> | null {
  const surplus = cells.length - columns.length;
  const at = columns.indexOf(wide);
  if (surplus < 0 || (surplus > 0 && at < 0)) return null;
  const joined =
    surplus === 0
      ? cells
      : [
          ...cells.slice(0, at),
          cells.slice(at, at + surplus + 1).join(', '),
          ...cells.slice(at + surplus + 1),
        ];
  const row: Record<string, string> = {};
  for (const [index, column] of columns.entries()) row[column] = joined[index] ?? '';
  return row;
}

/** The number in a cell, with or without its unit; null for `[N/A]`, `[Not Supported]`, `ERR!` and all other text. */
export function cellNumber(cell: string | undefined): number | null {
  const [, digits] = /^(-?\d{1,12}(?:\.\d{1,12})?)(?: ?(?:%|MiB|W|C|MHz))?$/.exec(cell ?? '') ?? [];
  return digits === undefined ? null : Number(digits);
}

const none = /^\[?(?:N\/A|Not Supported|Not Available|Not Found|Insufficient Permissions)\]?$/i;

/** The text in a cell; null for the ways in which nvidia-smi says that there is none. */
export function cellText(cell: string | undefined): string | null {
  if (cell === undefined || cell === '' || none.test(cell)) return null;
  return cell;
}
