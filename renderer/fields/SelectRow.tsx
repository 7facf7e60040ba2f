import { SettingRow } from './SettingRow.tsx';

interface Props<Value extends string> {
  readonly label: string;
  readonly help?: React.ReactNode;
  readonly value: Value;
  /** The choices and their words, in their order. */
  readonly choices: Readonly<Record<Value, string>>;
  readonly onChange: (value: Value) => void;
}

export function SelectRow<Value extends string>({ label, help, ...select }: Props<Value>) {
  return (
    <SettingRow label={label} help={help}>
      {(control) => <Select {...control} {...select} />}
    </SettingRow>
  );
}

type SelectProps<Value extends string> = Omit<Props<Value>, 'label' | 'help'> &
  Omit<React.ComponentProps<'select'>, 'value' | 'onChange' | 'children'>;

export function Select<Value extends string>({ value, choices, onChange, ...select }: SelectProps<Value>) {
  return (
    <select
      {...select}
      className="input select"
      value={value}
      onChange={(event) => onChange(event.target.value as Value)}
    >
      {(Object.entries(choices) as [Value, string][]).map(([choice, word]) => (
        <option key={choice} value={choice}>
          {word}
        </option>
      ))}
    </select>
  );
}
