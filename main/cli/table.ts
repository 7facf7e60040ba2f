import { styleText } from 'node:util';
import { cutEnd, cutName } from '#common/cut.ts';
import { textWidth, visible } from './text-width.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /**
   * Gives way where the table is wider than the terminal: a name is cut in its middle, a text at its end, and a graph at
   * its beginning, which is oldest. Absent: never.
   */
  readonly gives?: 'name' | 'text' | 'graph';
  /** The cells with which it says enough: before it has fewer, columns that can be spared are left out. */
  readonly enough?: number;
  /** Can be spared, the column with the lowest number first. Absent: only where nothing else helps, from the right. */
  readonly spare?: number;
}

export type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

export type Cell = string | ColouredCell;

export interface ColouredCell {
  readonly text: string;
  readonly colour?: Colour;
  /** What it is sorted by, where its text would not do; null: unknown. */
  readonly value?: number | null;
}

export interface TextStyle {
  /** Cells of the terminal; null: nothing is cut. */
  readonly width: number | null;
  readonly colour: boolean;
  /** The time, where the screen is drawn again and again; absent where it is printed once. */
  readonly nowMs?: number;
}

const gap = '  ';
/** A column that gives way still says something at this width. */
const narrowest = 8;

/**
 * Lays rows out in aligned columns under a line of titles, one line each; no line is wider than the terminal. Columns that are
 * empty are left out, and what they leave goes to those that would be cut.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  style: TextStyle,
): readonly string[] {
  const used = columns.flatMap((column, index): readonly Used[] => {
    const texts = rows.map((row) => textOf(row[index]));
    if (texts.every((text) => text === '')) return [];
    return [{ column, index, natural: Math.max(textWidth(column.title), ...texts.map(textWidth)) }];
  });
  if (used.length === 0) return [];
  const shown = widthsFor(used, style.width);
  const line = (cells: readonly string[]): string => cells.join(gap).trimEnd();
  return [
    line(
      shown.map(({ column, width }) => {
        const gives = column.gives === 'graph' ? 'text' : column.gives;
        return renderCell(
          { text: column.title, colour: 'dim' },
          { column: { ...column, gives }, width },
          style,
        );
      }),
    ),
    ...rows.map((row) =>
      line(shown.map(({ column, index, width }) => renderCell(row[index], { column, width }, style))),
    ),
  ];
}

/** Colours a text on its own, where the style has colours. */
export function coloured(text: string, colour: Colour, style: TextStyle): string {
  return style.colour && text !== '' ? styleText(colour, text, { validateStream: false }) : text;
}

interface Used {
  readonly column: Column;
  readonly index: number;
  /** Cells of its widest text. */
  readonly natural: number;
}

type Shown = Used & { readonly width: number };

/**
 * Leaves out what can be spared until the others have enough, then whole columns from the right until the others say something.
 * What is still too much comes from graphs, then from the widest that have more than enough, then from the widest of all that give way.
 */
function widthsFor(used: readonly Used[], width: number | null): readonly Shown[] {
  if (width === null) return used.map((each) => ({ ...each, width: each.natural }));
  let kept = used;
  while (total(kept.map(enoughOf)) > width) {
    const least = Math.min(...kept.map(({ column }) => column.spare ?? Number.POSITIVE_INFINITY));
    if (least === Number.POSITIVE_INFINITY) break;
    kept = kept.filter(({ column }) => column.spare !== least);
  }
  while (kept.length > 1 && total(kept.map(leastOf)) > width) kept = kept.slice(0, -1);
  const natural = kept.map((each) => each.natural);
  const widths = [shortOf, enoughOf, leastOf].reduce(
    (before, floorOf) => narrowed(before, kept.map(floorOf), width),
    natural,
  );
  return kept.map((each, at) => ({ ...each, width: Math.min(widths[at] ?? 0, width) }));
}

/** Takes one cell after the other from the widest that is above its floor, until all fit or none is. */
function narrowed(before: readonly number[], floors: readonly number[], width: number): number[] {
  const widths = [...before];
  for (let excess = total(widths) - width; excess > 0; excess -= 1) {
    const widest = widths.reduce((best, each, at) => {
      const isAbove = each > (floors[at] ?? 0);
      return isAbove && (best === -1 || each > (widths[best] ?? 0)) ? at : best;
    }, -1);
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** A graph gives way before anything that is read. */
function shortOf(used: Used): number {
  return used.column.gives === 'graph' ? enoughOf(used) : used.natural;
}

/** What a column has before another one that can be spared. */
function enoughOf({ column, natural }: Used): number {
  return column.gives === undefined ? natural : Math.min(natural, column.enough ?? narrowest);
}

/** What it says something with. */
function leastOf({ column, natural }: Used): number {
  return column.gives === undefined ? natural : Math.min(natural, narrowest);
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1));
}

function renderCell(
  cell: Cell | undefined,
  { column: { align, gives }, width }: { readonly column: Shape; readonly width: number },
  style: TextStyle,
): string {
  const text = cuts[gives ?? 'text'](textOf(cell), width);
  const colour = typeof cell === 'object' ? cell.colour : undefined;
  const painted = colour === undefined ? text : coloured(text, colour, style);
  const spaces = ' '.repeat(width - textWidth(text));
  return align === 'right' ? spaces + painted : painted + spaces;
}

type Shape = Pick<Column, 'align'> & { readonly gives?: Column['gives'] | undefined };

const cuts = {
  name: (text, width) => cutName(text, width, textWidth),
  text: (text, width) => cutEnd(text, width, textWidth),
  // A block is one cell.
  graph: (text, width) => text.slice(-width),
} as const satisfies Record<NonNullable<Column['gives']>, (text: string, width: number) => string>;

/** What is shown of a cell. */
export function textOf(cell: Cell | undefined): string {
  const text = typeof cell === 'string' ? cell : (cell?.text ?? '');
  return visible(text);
}
