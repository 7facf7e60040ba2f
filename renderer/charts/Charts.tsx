import type { ReactNode } from 'react';
import css from './Charts.module.css';
import { RangeSwitch } from './RangeSwitch.tsx';
import type { Range } from './range.ts';

interface Props {
  /** What they are of. */
  readonly label: string;
  readonly range: Range;
  readonly onRange: (range: Range) => void;
  /** Sets how many stand in a line; default: as many as have room. */
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** Charts side by side, with one choice of how far back they go. */
export function Charts({ label, range, onRange, className = '', children }: Props) {
  return (
    <section aria-label={label}>
      <div className={css.head}>
        <RangeSwitch range={range} onRange={onRange} />
      </div>
      <div className={`${css.charts} ${className}`}>{children}</div>
    </section>
  );
}
