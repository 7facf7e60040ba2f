import { useEffect } from 'react';
import { readPattern } from '#common/host-pattern.ts';
import { SettingRow } from '../fields/SettingRow.tsx';
import { useDraft } from '../fields/use-draft.ts';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';

interface Props {
  readonly names: readonly string[];
  readonly pattern: string;
  /** Called when the field is left with a valid pattern. */
  readonly onChange?: (pattern: string) => void;
  /** Called with any text in the field. */
  readonly onTyped?: (text: string) => void;
}

/** A regular expression on the names of hosts, which tells how many it fits while it is typed. */
export function HostPatternRow({ names, pattern, onChange, onTyped }: Props) {
  const words = useWords(frameWords);
  const draft = useDraft({
    stored: pattern,
    read: (text) => (readPattern(text) === null ? null : text),
    onCommit: (text) => onChange?.(text),
  });
  const { text } = draft;
  useEffect(() => onTyped?.(text), [text, onTyped]);
  const regex = readPattern(text);
  const fits = regex === null ? 0 : names.filter((name) => regex.test(name)).length;
  const help = text === '' || regex === null ? words.patternHelp : words.patternMatches(fits, names.length);
  return (
    <SettingRow label={words.pattern} help={help} error={draft.isBad ? words.badPattern : null}>
      {(control) => (
        <input
          {...control}
          {...draft.field}
          className="input input-pattern"
          placeholder={words.patternHint}
          autoComplete="off"
          spellCheck={false}
        />
      )}
    </SettingRow>
  );
}
