/** What a table knows of its columns: all of it stands in one record per column. Pure. */

import type { ReactNode } from 'react';
import type { Formats } from '#common/format.ts';
import type { HostId } from '#common/ids.ts';
import type { Language } from '#common/language.ts';
import type { ColumnSort, Direction, FirstDirections } from '../list/column-sort.ts';
import type { RowMenuPlace } from './use-row-menu.tsx';

/** What cells are written with. */
export interface Writing {
  readonly language: Language;
  readonly formats: Formats;
}

export interface Column<Row, Key extends string = string> {
  /** Unique in its table: of its title among the words, and of what the reader chose for it. */
  readonly key: Key;
  /** `end` for numbers; `apart` for those with a small picture at the start. */
  readonly align?: 'end' | 'apart';
  /** The title is there for screen readers alone. */
  readonly titleIsHidden?: boolean;
  /** The key of the words that say what the title means. */
  readonly hint?: Key;
  /** What else stands in the header. */
  readonly beside?: ReactNode;
  /** Absent: the table cannot be sorted by it. */
  readonly order?: ColumnOrder<Row>;
  /** The width of the table, in rem, from which it shows. Absent: always, and the reader cannot hide it. */
  readonly fromRem?: number;
  /** The key of the column below whose cell it stands where the table is too narrow for it. */
  readonly under?: Key;
  readonly room: ColumnRoom<Row>;
  /** It names the row: a screen reader says it with every other cell. */
  readonly isHead?: boolean;
  readonly className?: string | undefined;
  /** The class of each of its cells by what it shows, in the place of `className`, which its header has. */
  readonly tone?: (row: Row) => string;
  readonly cell: (row: Row, writing: Writing) => ReactNode;
  /** The whole text of a cell that may be cut. */
  readonly hover?: (row: Row, writing: Writing) => string | undefined;
  /** What stands below the cell, outside of the button that unfolds the row. */
  readonly below?: (row: Row, writing: Writing) => ReactNode;
}

export interface ColumnOrder<Row> {
  /** Null: not known, which comes last either way. `at`: the place of the row among all as they come. */
  readonly value: (row: Row, at: number) => number | string | null;
  /** What one looks for at the top. */
  readonly first: Direction;
  /** Its values change with every measurement: in between they move no row. */
  readonly isLive?: boolean;
}

/**
 * Numbers and marks need a width that is known; names share what is left, each column by the letters of its longest text, or
 * `least` where it has fewer.
 */
export type ColumnRoom<Row> =
  | { readonly rem: number }
  | { readonly least: number; readonly text: (row: Row) => string }
  /** A line below the others, as wide as the row; its title is for screen readers alone. */
  | { readonly ownLine: true };

/** A table whose columns are data. The same object always. */
export interface TableSpec<Row, Key extends string = string> {
  /** The titles and hints of its columns. */
  readonly words: Readonly<Record<Language, Readonly<Record<Key, unknown>>>>;
  /** What the reader chooses is kept under it; unique among all tables. */
  readonly name: string;
  readonly columns: readonly Column<Row, Key>[];
  readonly keyOf: (row: Row) => string;
  /** The host that a row is about: while the row is in the page, it is measured at the full rate. */
  readonly hostOf?: (row: Row) => HostId;
  /** Until the reader asks for another. Absent: its rows stand as they come. */
  readonly sort?: ColumnSort;
  /** The menu of a row; see {@link useRowMenu}. Absent: rows have none. */
  readonly menu?: (row: Row, place: RowMenuPlace) => ReactNode;
  readonly rowClass?: string | undefined;
  readonly rowData?: (row: Row) => Readonly<Record<`data-${string}`, string | boolean>>;
  /** All rows are as high as `--row` says, and need not be measured. */
  readonly rowsAreAlike?: boolean;
}

export function orderOf<Row>({ columns }: TableSpec<Row>, { key }: ColumnSort): ColumnOrder<Row> | undefined {
  return columns.find((column) => column.key === key)?.order;
}

export function firstDirections<Row>(columns: readonly Column<Row>[]): FirstDirections {
  return Object.fromEntries(
    columns.flatMap(({ key, order }) => (order === undefined ? [] : [[key, order.first]])),
  );
}

/** The keys of the words that are plain text. */
export type TextKey<Words> = { [Key in keyof Words]: Words[Key] extends string ? Key : never }[keyof Words] &
  string;

export function titleOf<Row>({ words }: TableSpec<Row>, key: string, language: Language): string {
  return String(words[language][key]);
}

/** What the reader can hide. */
export function optionalColumns<Row>(columns: readonly Column<Row>[]): readonly Column<Row>[] {
  return columns.filter(({ fromRem }) => fromRem !== undefined);
}

/** Whether a table of that width has room for the column. */
export function fits<Row>({ fromRem = 0 }: Column<Row>, widthRem: number): boolean {
  return fromRem <= widthRem;
}

/** About what a letter takes; of a title it is 0.9 of that of a cell, whose letters are larger. */
const letterRem = 0.5;
/** Between two columns, and before the first and behind the last together: the style sheet has them in pixels. */
const gapRem = 0.75;
const insetRem = 2;

/**
 * The largest `fromRem` up to `widthRem` whose columns leave room for titles and for the least letters of what shares: words of
 * another language may be longer than those that the widths were made for. 0 where no choice of columns does.
 */
export function stepFor<Row>(
  columns: readonly Column<Row>[],
  widthRem: number,
  titleOfKey: (key: string) => string,
): number {
  const steps = columns.map(({ fromRem = 0 }) => fromRem).filter((step) => step <= widthRem);
  const needs = (step: number) =>
    columns
      .filter((column) => fits(column, step) && !('ownLine' in column.room))
      .map((column) => needRem(column, titleOfKey) + gapRem)
      .reduce((sum, rem) => sum + rem, insetRem - gapRem);
  return Math.max(0, ...steps.filter((step) => needs(step) <= widthRem));
}

function needRem<Row>(column: Column<Row>, titleOfKey: (key: string) => string): number {
  const { room } = column;
  const own = 'rem' in room ? room.rem : 'text' in room ? room.least * letterRem : 0;
  return Math.max(own, titleLetters(column, titleOfKey) * letterRem);
}

/** A caret stands beside the title of a column that sorts. */
function titleLetters<Row>(
  { key, titleIsHidden, order }: Column<Row>,
  titleOfKey: (key: string) => string,
): number {
  return titleIsHidden ? 0 : titleOfKey(key).length + (order === undefined ? 0 : caretLetters);
}

const mostLetters = 48;
const step = 4;
/** What the caret of a header takes, or that of a row that unfolds. */
const caretLetters = 3;

/**
 * How many letters each column that shares is to have room for, by key. They only ever grow, and in steps, so that nothing jumps
 * when a row comes or goes; `before` is what they had, the same while none grows. The rows of `counted` are in that already, and
 * these come to them.
 */
export function lettersOf<Row extends object>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { before, counted }: { readonly before: ReadonlyMap<string, number>; readonly counted: WeakSet<Row> },
): ReadonlyMap<string, number> {
  const grown = new Map<string, number>();
  const grow = (key: string, letters: number) => {
    if (letters > (grown.get(key) ?? before.get(key) ?? 0)) grown.set(key, letters);
  };
  const sharing = columns.flatMap(({ key, isHead, room }) => ('text' in room ? { key, isHead, room } : []));
  for (const { key, room } of sharing) grow(key, room.least);
  for (const row of rows) {
    if (counted.has(row)) continue;
    counted.add(row);
    for (const { key, isHead, room } of sharing) {
      const length = room.text(row).length + (isHead ? caretLetters : 0);
      grow(key, Math.min(mostLetters, Math.ceil(length / step) * step));
    }
  }
  return grown.size === 0 ? before : new Map([...before, ...grown]);
}

/** The tracks of the grid that each row is. */
export function tracksOf<Row>(
  columns: readonly Column<Row>[],
  letters: ReadonlyMap<string, number>,
  titleOfKey: (key: string) => string,
): string {
  return columns
    .flatMap((column) => {
      const { key, room } = column;
      if ('ownLine' in room) return [];
      // No title is cut; its letters are smaller than those of a cell.
      const least = `${Math.round(9 * titleLetters(column, titleOfKey)) / 10}ch`;
      if ('text' in room) return `minmax(${least}, ${letters.get(key) ?? room.least}fr)`;
      return `max(${room.rem}rem, ${least})`;
    })
    .join(' ');
}
