import { useEffect, useState } from 'react';
import { SettingRow } from '../fields/SettingRow.tsx';
import { readPort } from '../lib/number-text.ts';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useSettings } from '../state/settings.ts';
import { forwardSettingWords } from './forward-words.ts';

/** The two ends go together: they are stored as soon as one is left and both fit. */
export function PortRangeRow() {
  const actions = useActions();
  const words = useWords(forwardSettingWords);
  const { from, to } = useSettings().localPorts;
  const stored = { from: String(from), to: String(to) };
  const [draft, setDraft] = useState<typeof stored | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was typed gives way to whatever is stored next
  useEffect(() => setDraft(null), [from, to]);
  const shown = draft ?? stored;
  const range = { from: readPort(shown.from), to: readPort(shown.to) };
  const fits = range.from !== null && range.to !== null && range.from <= range.to;
  const commit = () => {
    if (draft === null || range.from === null || range.to === null || !fits) return;
    if (range.from === from && range.to === to) setDraft(null);
    else void actions.changeSettings({ localPorts: { from: range.from, to: range.to } });
  };
  const field = (end: 'from' | 'to') => ({
    className: 'input input-number',
    inputMode: 'numeric' as const,
    autoComplete: 'off',
    value: shown[end],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) =>
      setDraft({ ...shown, [end]: event.target.value }),
    onBlur: commit,
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key === 'Enter') commit();
      if (event.key === 'Escape') setDraft(null);
    },
  });
  return (
    <SettingRow label={words.range} help={words.rangeHelp} error={fits ? null : words.badRange}>
      {(control) => (
        <span className="number-field">
          <input {...control} {...field('from')} aria-label={words.rangeFrom} />
          <span className="unit">–</span>
          <input
            {...field('to')}
            aria-label={words.rangeTo}
            aria-describedby={control['aria-describedby']}
            aria-invalid={control['aria-invalid']}
          />
        </span>
      )}
    </SettingRow>
  );
}
