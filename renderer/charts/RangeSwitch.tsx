import { useId } from 'react';
import type { HistoryRange } from '#common/history.ts';
import { useWords } from '../state/language.ts';
import css from './RangeSwitch.module.css';
import { chartWords } from './words.ts';

interface Props {
  readonly ranges: readonly HistoryRange[];
  readonly range: HistoryRange;
  readonly onRange: (range: HistoryRange) => void;
}

/** Chooses how far back charts go. */
export function RangeSwitch({ ranges, range, onRange }: Props) {
  const words = useWords(chartWords);
  const name = useId();
  return (
    <fieldset className={css.segments}>
      <legend className="visually-hidden">{words.range}</legend>
      {ranges.map((one) => (
        <label key={one} className={css.segment}>
          <input
            type="radio"
            className="visually-hidden"
            name={name}
            checked={one === range}
            onChange={() => onRange(one)}
          />
          {words.ranges[one]}
        </label>
      ))}
    </fieldset>
  );
}
