import { type ReactNode, useId } from 'react';
import css from './SettingRow.module.css';

/** What ties a control to the words around it. */
export interface ControlProps {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

interface Props {
  readonly label: string;
  /** One line, where the label does not say it all. */
  readonly help?: ReactNode;
  /** What is wrong with what stands in the control; null: nothing. */
  readonly error?: string | null;
  /** The control is below its words, as wide as them. */
  readonly wide?: boolean;
  /** The control is a button: its own words name it, and these describe it. */
  readonly button?: boolean;
  readonly children: (control: ControlProps) => ReactNode;
}

/** A setting: its words, its control, and at the control what is wrong. */
export function SettingRow({ label, help, error = null, wide = false, button = false, children }: Props) {
  const id = useId();
  const helpId = help === undefined ? null : `${id}-help`;
  const errorId = error === null ? null : `${id}-error`;
  const labelId = button ? `${id}-label` : null;
  const describedBy = [labelId, helpId, errorId].filter((one) => one !== null).join(' ');
  return (
    <div className={css.setting} data-wide={wide}>
      <div className={css.words}>
        {labelId === null ? <label htmlFor={id}>{label}</label> : <p id={labelId}>{label}</p>}
        {helpId !== null && (
          <p className={css.help} id={helpId}>
            {help}
          </p>
        )}
      </div>
      <div className={css.control}>
        {children({
          id,
          'aria-describedby': describedBy === '' ? undefined : describedBy,
          'aria-invalid': error === null ? undefined : true,
        })}
        {errorId !== null && (
          <p className="field-error" id={errorId} role="alert" ref={showWhole}>
            {error}
          </p>
        )}
      </div>
    </div>
  );
}

/** A message that appears below the window's edge, or behind what stands at it, would not be read. */
export function showWhole(message: HTMLElement | null): void {
  message?.scrollIntoView?.({ block: 'nearest' });
}

interface GroupProps {
  readonly title?: string;
  readonly help?: ReactNode;
  readonly children: ReactNode;
}

/** Settings that belong together. */
export function SettingGroup({ title, help, children }: GroupProps) {
  const id = useId();
  return (
    <section className={css.group} aria-labelledby={title === undefined ? undefined : id}>
      {title !== undefined && (
        <h3 className={css.groupTitle} id={id}>
          {title}
        </h3>
      )}
      {help !== undefined && <SettingHelp>{help}</SettingHelp>}
      {children}
    </section>
  );
}

/** A line in a group that explains what stands around it. */
export function SettingHelp({ children }: { readonly children: ReactNode }) {
  return <p className={css.help}>{children}</p>;
}
