import type { ControlProps } from './SettingRow.tsx';
import { SettingRow } from './SettingRow.tsx';
import css from './Switch.module.css';

interface SwitchProps extends Partial<ControlProps> {
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly disabled?: boolean;
  /** Where no label stands beside it. */
  readonly label?: string;
}

export function Switch({ on, onChange, label, ...control }: SwitchProps) {
  return (
    <input
      {...control}
      type="checkbox"
      role="switch"
      className={css.switch}
      aria-label={label}
      aria-checked={on}
      checked={on}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}

interface RowProps {
  readonly label: string;
  readonly help?: React.ReactNode;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly disabled?: boolean;
}

export function SwitchRow({ label, help, on, onChange, disabled = false }: RowProps) {
  return (
    <SettingRow label={label} help={help}>
      {(control) => <Switch {...control} on={on} onChange={onChange} disabled={disabled} />}
    </SettingRow>
  );
}
