import { useState } from 'react';
import { useWords } from '../state/language.ts';
import css from './ChartLegend.module.css';
import { inkOf, seriesInks } from './inks.ts';
import { chartWords } from './words.ts';

export interface LegendEntry {
  readonly key: string;
  readonly label: string;
  /** At the crosshair, else the latest. */
  readonly value: string;
}

interface Props {
  readonly entries: readonly LegendEntry[];
  /** Which series stands out: the one under the pointer, else the one that was pressed. */
  readonly onHighlight: (series: number | null) => void;
}

export function ChartLegend({ entries, onHighlight }: Props) {
  const words = useWords(chartWords);
  const [pinned, setPinned] = useState<number | null>(null);
  const pin = (series: number | null) => {
    setPinned(series);
    onHighlight(series);
  };
  return (
    <ul className={css.legend}>
      {entries.map(({ key, label, value }, series) => (
        <li key={key}>
          <button
            type="button"
            className={css.entry}
            aria-pressed={pinned === series}
            title={words.highlight(label)}
            onClick={() => pin(pinned === series ? null : series)}
            onPointerEnter={() => onHighlight(series)}
            onPointerLeave={() => onHighlight(pinned)}
          >
            <svg
              className={css.key}
              style={{ color: inkOf(series) }}
              data-ink={series % seriesInks}
              viewBox="0 0 14 4"
              aria-hidden="true"
            >
              <path d="M0 2H14" />
            </svg>
            {label}
            <b className={css.value}>{value}</b>
          </button>
        </li>
      ))}
    </ul>
  );
}
