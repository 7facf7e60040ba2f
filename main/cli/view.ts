/** What a command shows people, before it is lines: so that a live screen can sort it, filter it and scroll in it. Pure. */

import { type Cell, type Column, coloured, formatTable, type TextStyle, textOf } from './table.ts';
import { cutToWidth, visible, wrapToWidth } from './text-width.ts';

export interface Row {
  readonly cells: readonly Cell[];
  /** What stands under it. Rows one after the other with the same have it once, under the last of them. */
  readonly under?: readonly UnderLine[];
}

/** A sentence is wrapped. A command is for copying, and so stays on one line; a screen that is drawn again cuts it. */
export interface UnderLine {
  readonly kind: 'sentence' | 'command';
  readonly text: string;
}

export interface ViewTable {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** In place of a table without rows. */
  readonly none: string;
}

export interface View {
  readonly headline: string;
  readonly main: ViewTable;
  /** Between the tables. */
  readonly notes: readonly string[];
  /** Hosts without an answer, with the reason. */
  readonly failed: ViewTable;
  /** When the newest and the oldest of what is shown were measured, in milliseconds since 1970; null: nothing was yet. */
  readonly measured: { readonly newest: number; readonly oldest: number } | null;
}

/** How a person wants the rows. */
export interface Arrangement {
  /** Index of the column; null: in their own order. */
  readonly sortedBy: number | null;
  /** The other way round. */
  readonly isTurned: boolean;
  /** Words that a row must have, in small or capital letters; empty: all rows. */
  readonly filter: string;
}

export const asTheyCome: Arrangement = { sortedBy: null, isTurned: false, filter: '' };

export interface Body {
  /** Of the columns; null where there is no table. */
  readonly titles: string | null;
  readonly lines: readonly string[];
}

/** The view as lines, from its headline on. */
export function linesOf(view: View, style: TextStyle): readonly string[] {
  const { titles, lines } = bodyOf(view, style, asTheyCome);
  return [headlineOf(view, style), '', ...(titles === null ? [] : [titles]), ...lines];
}

export function headlineOf({ headline }: View, style: TextStyle): string {
  return coloured(cutToWidth(headline, style.width), 'bold', style);
}

/** What is below the headline, arranged as the person wants it. */
export function bodyOf({ main, notes, failed }: View, style: TextStyle, arrangement: Arrangement): Body {
  const rows = arrange(main, arrangement);
  const failedRows = matching(failed.rows, arrangement.filter);
  const none = main.rows.length === 0 ? main.none : `No row has ${arrangement.filter}.`;
  const [titles, ...lines] =
    rows.length === 0
      ? [null, ...(none === '' ? [] : [cutToWidth(none, style.width)])]
      : tableLines(main, rows, style, arrangement);
  return {
    titles: titles ?? null,
    lines: [
      ...lines.filter((line) => line !== null),
      ...apart(notes.filter(isVisible).map((note) => cutToWidth(note, style.width))),
      ...apart(failedRows.length === 0 ? [] : tableLines(failed, failedRows, style, asTheyCome)),
    ],
  };
}

/** The columns by which rows can be sorted: those that say something, by index. */
export function sortableColumns({ columns, rows }: ViewTable): readonly number[] {
  return columns.flatMap((_, index) =>
    rows.some(({ cells }) => textOf(cells[index]) !== '') ? [index] : [],
  );
}

function arrange({ rows }: ViewTable, { sortedBy, isTurned, filter }: Arrangement): readonly Row[] {
  const kept = matching(rows, filter);
  if (sortedBy === null) return isTurned ? kept.toReversed() : kept;
  const sign = isTurned === isMostFirst(rows, sortedBy) ? 1 : -1;
  return kept.toSorted((a, b) => compare(a.cells[sortedBy], b.cells[sortedBy], sign));
}

/** Of numbers the most is of interest, of names the first. */
export function isMostFirst(rows: readonly Row[], column: number): boolean {
  return rows.some(({ cells }) => sortValue(cells[column]) !== undefined);
}

const collator = new Intl.Collator('en', { numeric: true });

/** What is unknown stays last, whichever way round. */
function compare(a: Cell | undefined, b: Cell | undefined, sign: 1 | -1): number {
  const [unknownA, unknownB] = [isUnknown(a), isUnknown(b)];
  if (unknownA || unknownB) return Number(unknownA) - Number(unknownB);
  const [x, y] = [sortValue(a) ?? null, sortValue(b) ?? null];
  return sign * (x !== null && y !== null ? x - y : collator.compare(textOf(a), textOf(b)));
}

function isUnknown(cell: Cell | undefined): boolean {
  return sortValue(cell) === null || textOf(cell) === '';
}

function sortValue(cell: Cell | undefined): number | null | undefined {
  return typeof cell === 'object' ? cell.value : undefined;
}

function matching(rows: readonly Row[], filter: string): readonly Row[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return rows;
  return rows.filter(({ cells }) => {
    const text = cells.map(textOf).join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function tableLines(
  { columns, rows: all }: ViewTable,
  rows: readonly Row[],
  style: TextStyle,
  { sortedBy, isTurned }: Arrangement,
): readonly string[] {
  const marked = columns.map((column, index) => {
    if (index !== sortedBy) return column;
    return { ...column, title: `${column.title}${isMostFirst(all, index) === isTurned ? '↑' : '↓'}` };
  });
  const [titles = '', ...lines] = formatTable(
    marked,
    rows.map(({ cells }) => cells),
    style,
  );
  const under = rows.map((row) => (row.under ?? []).flatMap((line) => underLine(line, style)));
  return [
    titles,
    ...lines.flatMap((line, at) =>
      under[at]?.join('\n') === under[at + 1]?.join('\n') ? [line] : [line, ...(under[at] ?? [])],
    ),
  ];
}

const indent = '  ';

function underLine({ kind, text }: UnderLine, style: TextStyle): readonly string[] {
  const width = style.width === null ? null : style.width - indent.length;
  const isWhole = kind === 'command' && style.nowMs === undefined;
  if (width !== null && width < 1) return [];
  if (kind === 'command' && !isVisible(text)) return [];
  const lines =
    kind === 'sentence' ? wrapToWidth(visible(text), width) : [isWhole ? text : cutToWidth(text, width)];
  return lines.map((line) => coloured(`${indent}${line}`, 'dim', style));
}

/** A line to copy must be what it seems to be. */
function isVisible(text: string): boolean {
  return visible(text) === text;
}

function apart(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}
