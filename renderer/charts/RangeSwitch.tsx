import { useId } from 'react';
import { useWords } from '../state/language.ts';
import css from './RangeSwitch.module.css';
import { type Range, ranges } from './range.ts';
import { chartWords } from './words.ts';

interface Props {
  readonly range: Range;
  readonly onRange: (range: Range) => void;
}

/** Chooses how far back charts go. */
export function RangeSwitch({ range, onRange }: Props) {
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
