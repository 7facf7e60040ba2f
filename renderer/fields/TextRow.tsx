import { SettingRow } from './SettingRow.tsx';
import { useDraft } from './use-draft.ts';

interface Props {
  readonly label: string;
  readonly help?: React.ReactNode;
  readonly placeholder?: string;
  /** Letters. */
  readonly most: number;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function TextRow({ label, help, placeholder, most, value, onChange }: Props) {
  const { field } = useDraft({ stored: value, read: (text) => text.trim(), onCommit: onChange });
  return (
    <SettingRow label={label} help={help}>
      {(control) => (
        <input
          {...control}
          {...field}
          className="input input-pattern"
          placeholder={placeholder}
          maxLength={most}
          autoComplete="off"
          spellCheck={false}
        />
      )}
    </SettingRow>
  );
}
