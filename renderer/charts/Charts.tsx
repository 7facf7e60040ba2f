import type { ReactNode } from 'react';
import css from './Charts.module.css';
import { HistoryNote } from './HistoryNote.tsx';
import { RangeSwitch } from './RangeSwitch.tsx';
import type { ChartHistory } from './use-history.ts';

interface Props {
  /** What they are of. */
  readonly label: string;
  readonly history: ChartHistory;
  /** Sets how many stand in a line; default: as many as have room. */
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** Charts side by side, with one choice of how far back they go, and one line on what they lack. */
export function Charts({ label, history, className = '', children }: Props) {
  const { ranges, range, setRange, note, askAgain } = history;
  return (
    <section aria-label={label}>
      <div className={css.head}>
        <HistoryNote note={note} askAgain={askAgain} />
        <RangeSwitch ranges={ranges} range={range} onRange={setRange} />
      </div>
      <div className={`${css.charts} ${className}`}>{children}</div>
    </section>
  );
}
