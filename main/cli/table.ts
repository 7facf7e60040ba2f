import { styleText } from 'node:util';
import { cutToWidth, textWidth } from './text-width.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Gives way where the table is wider than the terminal; a column without it never does. */
  readonly flexible?: boolean;
}

export type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

export type Cell = string | { readonly text: string; readonly colour: Colour };

export interface TextStyle {
  /** Cells of the terminal; null: nothing is cut. */
  readonly width: number | null;
  readonly colour: boolean;
}

const gap = '  ';
/** A flexible column still says something at this width. */
const narrowest = 8;

/** Lays rows out in aligned columns under a line of titles; no row is wider than the terminal. Columns that are empty are left out. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  style: TextStyle,
): readonly string[] {
  const used = columns.flatMap((column, index) =>
    rows.some((row) => textOf(row[index]) !== '') ? [{ column, index }] : [],
  );
  if (used.length === 0) return [];
  const widths = shrink(
    used.map(({ column, index }) =>
      Math.max(textWidth(column.title), ...rows.map((row) => textWidth(textOf(row[index])))),
    ),
    used.map(({ column }) => column.flexible === true),
    style.width,
  );
  const line = (cellOf: (index: number) => Cell | undefined): string =>
    widths
      .map((width, at) => {
        const { index = 0, column } = used[at] ?? {};
        return renderCell(cellOf(index), { width, align: column?.align ?? 'left' }, style);
      })
      .join(gap)
      .trimEnd();
  return [
    line((index) => ({ text: columns[index]?.title ?? '', colour: 'dim' })),
    ...rows.map((row) => line((index) => row[index])),
  ];
}

/** Colours a text on its own, where the style has colours. */
export function coloured(text: string, colour: Colour, style: TextStyle): string {
  return style.colour && text !== '' ? styleText(colour, text, { validateStream: false }) : text;
}

/** Takes what is too much from the widest flexible columns, then whole columns from the right. */
function shrink(
  natural: readonly number[],
  flexible: readonly boolean[],
  width: number | null,
): readonly number[] {
  const widths = [...natural];
  if (width === null) return widths;
  for (let excess = total(widths) - width; excess > 0; excess -= 1) {
    const widest = widths.reduce(
      (best, current, at) => (flexible[at] && current > (widths[best] ?? narrowest) ? at : best),
      -1,
    );
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  while (widths.length > 1 && total(widths) > width) widths.pop();
  return widths.map((each) => Math.min(each, width));
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1));
}

function renderCell(
  cell: Cell | undefined,
  { width, align }: { readonly width: number; readonly align: 'left' | 'right' },
  style: TextStyle,
): string {
  const text = cutToWidth(textOf(cell), width);
  const painted = typeof cell === 'object' ? coloured(text, cell.colour, style) : text;
  const spaces = ' '.repeat(width - textWidth(text));
  return align === 'left' ? painted + spaces : spaces + painted;
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'string' ? cell : (cell?.text ?? '');
}
