import type { NumberRange } from '#common/settings-form.ts';
import { readNumber, writeNumber } from '../lib/number-text.ts';
import { useLanguage } from '../state/language.ts';
import { SettingRow } from './SettingRow.tsx';
import { useDraft } from './use-draft.ts';
import { fieldWords } from './words.ts';

/** How a stored number is shown: the unit, and how many of the stored are one of it. */
export type Unit = keyof typeof factors;
const factors = {
  none: 1,
  seconds: 1000,
  percent: 1,
  mib: 1,
  gib: 1,
  minutes: 60_000,
  hours: 3_600_000,
} as const;

interface Props {
  readonly label: string;
  readonly help?: React.ReactNode;
  readonly unit?: Unit;
  readonly range: NumberRange;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

export function NumberRow({ label, help, unit = 'none', range, value, onChange }: Props) {
  const language = useLanguage();
  const words = fieldWords[language];
  const factor = factors[unit];
  const draft = useDraft({
    stored: writeNumber(value, factor, language),
    read: (text) => readNumber(text, { range, factor }),
    onCommit: onChange,
  });
  const shown = (bound: number) => writeNumber(bound, factor, language);
  const error = draft.isBad
    ? words.numberRange({ from: shown(range.from), to: shown(range.to), unit: words.units[unit] })
    : null;
  return (
    <SettingRow label={label} help={help} error={error}>
      {(control) => (
        <span className="number-field">
          <input
            {...control}
            {...draft.field}
            className="input input-number"
            inputMode="decimal"
            autoComplete="off"
          />
          {unit !== 'none' && <span className="unit">{words.units[unit]}</span>}
        </span>
      )}
    </SettingRow>
  );
}
