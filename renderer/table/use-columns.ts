import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useSameList } from '../lib/same-list.ts';
import { useRemPx } from '../list/row-px.ts';
import { useLanguage } from '../state/language.ts';
import { type Column, fits, lettersOf, stepFor, titleOf, tracksOf } from './column.ts';
import type { Table } from './use-table.ts';

export interface ShownColumns<Row> {
  /** The same array while they are the same. */
  readonly columns: readonly Column<Row>[];
  /** Those that the table is too narrow for, and that stand below the cell of another. The same array. */
  readonly below: readonly Column<Row>[];
  /** For `grid-template-columns`. */
  readonly tracks: string;
}

/** The columns that the reader wants and the place of `element` has room for, and how they share it. */
export function useColumns<Row extends object>(
  { spec, hidden }: Table<Row>,
  rows: readonly Row[],
  element: RefObject<HTMLElement | null>,
): ShownColumns<Row> {
  const language = useLanguage();
  const titleOfKey = useCallback((key: string) => titleOf(spec, key, language), [spec, language]);
  const wanted = useSameList(
    useMemo(() => spec.columns.filter(({ key }) => !hidden.has(key)), [spec, hidden]),
  );
  const widthRem = useWidthRem(wanted, titleOfKey, element);
  const [shown, under] = useMemo(() => {
    const fitting = wanted.filter((column) => fits(column, widthRem));
    const others = wanted.filter((column) => column.under !== undefined && !fits(column, widthRem));
    return [fitting, others];
  }, [wanted, widthRem]);
  const columns = useSameList(shown);
  const below = useSameList(under);
  const [counted] = useState(() => new WeakSet<Row>());
  const before = useRef<ReadonlyMap<string, number>>(new Map());
  const letters = useMemo(() => {
    before.current = lettersOf(spec.columns, rows, { before: before.current, counted });
    return before.current;
  }, [spec, rows, counted]);
  const tracks = useMemo(() => tracksOf(columns, letters, titleOfKey), [columns, letters, titleOfKey]);
  return { columns, below, tracks };
}

/** What {@link stepFor} gives for the element's place: it changes only where a column comes or goes. */
function useWidthRem<Row>(
  columns: readonly Column<Row>[],
  titleOfKey: (key: string) => string,
  element: RefObject<HTMLElement | null>,
): number {
  const [widthRem, setWidthRem] = useState(Number.POSITIVE_INFINITY);
  const remPx = useRemPx();
  useLayoutEffect(() => {
    const place = element.current?.parentElement;
    if (!place) return;
    const measure = () => setWidthRem(stepFor(columns, place.clientWidth / remPx, titleOfKey));
    const observer = new ResizeObserver(measure);
    observer.observe(place);
    measure();
    return () => observer.disconnect();
  }, [columns, titleOfKey, element, remPx]);
  return widthRem;
}
