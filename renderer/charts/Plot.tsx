import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import type { PlotData } from '../state/track.ts';
import { dashOf, type Inks, inkOf, onLookChange, readInks, seriesInks } from './inks.ts';
import css from './Plot.module.css';

export interface PlotProps {
  readonly data: PlotData;
  readonly fromMs: number;
  readonly toMs: number;
  /** The axis goes from 0 to this; null: as high as the values reach. */
  readonly max: number | null;
  readonly axisUnit: number;
  readonly format: (value: number) => string;
  readonly formatTime: (ms: number) => string;
  /** The row at which the crosshair stands, and the series that stands out; null: none. */
  readonly cursorRow: number | null;
  readonly onCursor: (row: number | null) => void;
  readonly highlighted: number | null;
  /** Charts with the same key move their crosshairs together. */
  readonly group: string;
}

/** The canvas of a chart. In a chunk of its own, because the library is as large as all else of the window's first view. */
export function Plot(props: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const inksPlace = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef(props);
  const { data, cursorRow, highlighted } = props;
  const seriesCount = data.columns.length;

  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const element = place.current;
    if (element === null || inksPlace.current === null || !hasCanvas()) return;
    let inks = readInks(inksPlace.current);
    const made = new uPlot(
      optionsOf(latest, { element, seriesCount, inks: () => inks }),
      toAligned(latest.current.data),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(sizeOf(element)));
    observer.observe(element);
    const stop = onLookChange(() => {
      if (inksPlace.current !== null) inks = readInks(inksPlace.current);
      made.redraw(false, true);
    });
    return () => {
      stop();
      observer.disconnect();
      plot.current = null;
      made.destroy();
    };
  }, [seriesCount]);

  useEffect(() => {
    plot.current?.setData(toAligned(data));
  }, [data]);
  useEffect(() => {
    plot.current?.setSeries(highlighted === null ? null : highlighted + 1, { focus: true });
  }, [highlighted]);
  useEffect(() => moveCursor(plot.current, cursorRow), [cursorRow]);

  return (
    <>
      <div ref={place} className={css.canvas} />
      <div ref={inksPlace} className={css.inks} aria-hidden="true">
        {Array.from({ length: seriesInks }, (_, ink) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an ink is its number
          <i key={ink} style={{ color: inkOf(ink) }} />
        ))}
      </div>
    </>
  );
}

/** Distances between the marks of an axis. */
const wholeSteps = Array.from({ length: 9 }, (_, power) => [1, 2, 2.5, 5].map((step) => step * 10 ** power))
  .flat()
  .filter((step) => Number.isInteger(step));

interface Surroundings {
  readonly element: HTMLElement;
  readonly seriesCount: number;
  readonly inks: () => Inks;
}

function optionsOf(
  latest: React.RefObject<PlotProps>,
  { element, seriesCount, inks }: Surroundings,
): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: () => inks().text,
    font: inks().font,
    grid: { stroke: () => inks().grid, width: 1 },
    ticks: { show: false },
  };
  return {
    ...sizeOf(element),
    legend: { show: false },
    focus: { alpha: 0.25 },
    padding: [6, 18, 0, 0],
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 6 },
      sync: { key: latest.current.group, setSeries: false },
    },
    hooks: { setCursor: [(made) => latest.current.onCursor(made.cursor.idx ?? null)] },
    scales: {
      x: { range: () => [latest.current.fromMs / 1000, latest.current.toMs / 1000] },
      y: { range: (_made, _low, high) => [0, latest.current.max ?? Math.max(1, high * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 22,
        gap: 4,
        space: 64,
        grid: { show: false },
        values: (_made, splits) => splits.map((seconds) => latest.current.formatTime(seconds * 1000)),
      },
      {
        ...axis,
        size: 46,
        gap: 6,
        space: 28,
        incrs: wholeSteps.map((step) => step * latest.current.axisUnit),
        values: (_made, splits) => splits.map((value) => latest.current.format(value)),
      },
    ],
    series: [{}, ...Array.from({ length: seriesCount }, (_, series) => seriesOf(series, inks))],
  };
}

function seriesOf(series: number, inks: () => Inks): uPlot.Series {
  const stroke = () => inks().series[series % seriesInks] ?? '';
  return {
    stroke,
    width: 1.25,
    dash: dashOf(series, inks()),
    points: { show: true, size: 3, stroke, fill: stroke, filter: isolatedRows },
  };
}

/** Values between two gaps, of which a line shows nothing. */
function isolatedRows(made: uPlot, series: number): number[] {
  const values = made.data[series] ?? [];
  const isKnown = (row: number) => (values[row] ?? null) !== null;
  return [...values.keys()].filter((row) => isKnown(row) && !isKnown(row - 1) && !isKnown(row + 1));
}

/** Puts the crosshair at a row, where the pointer has not put it there already. */
function moveCursor(plot: uPlot | null, row: number | null): void {
  if (plot === null || row === (plot.cursor.idx ?? null)) return;
  const seconds = row === null ? undefined : plot.data[0][row];
  const left = seconds === undefined ? -10 : plot.valToPos(seconds, 'x');
  plot.setCursor({ left, top: seconds === undefined ? -10 : 1 });
}

function toAligned({ times, columns }: PlotData): uPlot.AlignedData {
  return [[...times], ...columns.map((values) => [...values])];
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  return { width: element.clientWidth, height: element.clientHeight };
}

/** A browser may refuse one; the legend and the summary then tell what there is to tell. */
function hasCanvas(): boolean {
  return document.createElement('canvas').getContext('2d') !== null;
}
