import { lazy, Suspense, useMemo, useState } from 'react';
import { rangeMs } from '#common/history.ts';
import { useFormats, useWords } from '../state/language.ts';
import { nothing, type PlotData, plotData } from '../state/track.ts';
import css from './Chart.module.css';
import { ChartLegend } from './ChartLegend.tsx';
import type { PlotProps } from './Plot.tsx';
import type { ChartHistory } from './use-history.ts';
import { chartWords } from './words.ts';

export interface ChartSeries {
  /** The column of the track. */
  readonly column: string;
  readonly label: string;
}

interface Props {
  /** Above the chart: "Utilisation". */
  readonly title: string;
  /** The same with what it is of, for those who do not see where it stands: "Utilisation of gpu01". */
  readonly name: string;
  readonly history: Pick<ChartHistory, 'track' | 'range' | 'leastSilenceMs'>;
  /** The same array while they are the same. */
  readonly series: readonly ChartSeries[];
  /** The axis goes from 0 to this; null: as high as the values reach. */
  readonly max: number | null;
  /** The axis is marked at whole multiples of this; default: 1. */
  readonly axisUnit?: number;
  /** A value as it is read, with its unit; and as the axis shows it. */
  readonly format: (value: number | null) => string;
  readonly formatAxis: (value: number) => string;
  /** Charts with the same group move their crosshairs together. */
  readonly group: string;
}

const Plot = lazy(
  (): Promise<{ readonly default: React.ComponentType<PlotProps> }> =>
    import('./Plot.tsx').then(
      (loaded) => ({ default: loaded.Plot }),
      () => ({ default: NoPlot }),
    ),
);

/**
 * Lines over time, with a crosshair whose values stand in the legend. The place is as high before the first answer as after.
 * By keyboard the crosshair is a slider over time, and a legend entry makes its line stand out.
 */
export function Chart({ title, name, history, series, format, formatAxis, ...rest }: Props) {
  const { track, range, leastSilenceMs } = history;
  const words = useWords(chartWords);
  const { clock, mark } = useFormats();
  const [cursor, setCursor] = useState<number | null>(null);
  const [highlighted, setHighlighted] = useState<number | null>(null);
  const toMs = track?.times.at(-1) ?? 0;
  const fromMs = toMs - rangeMs[range];
  const data = useMemo(
    () =>
      track === undefined
        ? nothing
        : plotData(
            track,
            series.map(({ column }) => column),
            { fromMs, leastSilenceMs },
          ),
    [track, series, fromMs, leastSilenceMs],
  );
  const last = data.times.length - 1;
  const isKnown = data.columns.some((values) => values.some((value) => value !== null));
  const note = track === undefined || isKnown ? null : last < 0 ? words.nothingYet : words.unknown;
  const row = cursor === null || cursor > last ? last : cursor;
  const rowTime = clock((data.times[row] ?? 0) * 1000);
  const entries = series.map(({ column, label }, at) => {
    return { key: column, label, value: format(data.columns[at]?.[row] ?? null) };
  });
  return (
    <figure className={css.chart}>
      <figcaption className={css.head}>
        {title}
        {row !== last && <span>{rowTime}</span>}
      </figcaption>
      <div className={css.place}>
        {last >= 0 && (
          <input
            className={css.slider}
            type="range"
            min={0}
            max={last}
            value={row}
            aria-label={words.timeIn(name)}
            aria-valuetext={`${rowTime}: ${entries.map(({ label, value }) => `${label} ${value}`).join(', ')}`}
            onChange={(event) => setCursor(Number(event.target.value))}
            onBlur={() => setCursor(null)}
          />
        )}
        <div
          className={css.picture}
          role="img"
          aria-label={`${name}, ${words.lastRange[range]}. ${summaryOf({ data, series, format }, words)}.`}
        >
          {last >= 0 && (
            <Suspense>
              <Plot
                data={data}
                fromMs={fromMs}
                toMs={toMs}
                max={rest.max}
                axisUnit={rest.axisUnit ?? 1}
                format={formatAxis}
                formatTime={mark}
                cursorRow={row === last ? null : row}
                onCursor={setCursor}
                highlighted={highlighted}
                group={rest.group}
              />
            </Suspense>
          )}
        </div>
        {note !== null && <p className={css.note}>{note}</p>}
      </div>
      <ChartLegend entries={entries} onHighlight={setHighlighted} />
    </figure>
  );
}

interface Summarised extends Pick<Props, 'series' | 'format'> {
  readonly data: PlotData;
}

/** `GPU 0: now 84 %, between 60 % and 96 %. GPU 1: now 3 %, between 0 % and 97 %`. */
function summaryOf({ data, series, format }: Summarised, words: (typeof chartWords)['en']): string {
  if (data.times.length === 0) return words.nothingYet;
  const sentences = series.map(({ label }, at) => {
    const values = data.columns[at] ?? [];
    const known = values.filter((value) => value !== null);
    const parts = [words.now(format(values.at(-1) ?? null))];
    if (known.length > 0) parts.push(words.between(format(Math.min(...known)), format(Math.max(...known))));
    return `${label}: ${parts.join(', ')}`;
  });
  return sentences.join('. ');
}

/** In its place where its chunk cannot be had, because the app behind the window has ended. */
function NoPlot() {
  return <p className={css.note}>{useWords(chartWords).notLoaded}</p>;
}
