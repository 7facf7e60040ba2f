import { type KeyboardEvent, type ReactNode, useId } from 'react';
import css from './ServeField.module.css';

export interface ControlProps {
  readonly id: string;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string | undefined;
}

interface Props {
  readonly label: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly onText: (value: string) => void;
  /** In place of what Enter does in the form. */
  readonly onEnter?: () => void;
  /** What stands in the empty field. */
  readonly hint?: string | undefined;
  /** What stands below it. */
  readonly help?: string | undefined;
  /** The id of what is offered. */
  readonly list?: string;
  readonly numeric?: boolean;
  /** For command lines. */
  readonly mono?: boolean;
  /** More than one: of a field of several lines. */
  readonly rows?: number;
  /** Another control than a text field. */
  readonly children?: (props: ControlProps) => ReactNode;
}

/** A labelled field, with what is wrong with it below. */
export function ServeField(props: Props) {
  const { label, error, help, children } = props;
  const id = useId();
  const [errorId, helpId] = [`${id}-error`, `${id}-help`];
  const control: ControlProps = {
    id,
    'aria-invalid': error !== undefined,
    'aria-describedby': error !== undefined ? errorId : help === undefined ? undefined : helpId,
  };
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children?.(control) ?? <TextControl {...props} control={control} />}
      {error !== undefined ? (
        <p className="field-error" id={errorId} role="alert">
          {error}
        </p>
      ) : (
        help !== undefined && (
          <p className="dim small" id={helpId}>
            {help}
          </p>
        )
      )}
    </div>
  );
}

function TextControl(props: Props & { readonly control: ControlProps }) {
  const { control, value, onText, onEnter, hint, list, numeric = false, mono = false, rows = 1 } = props;
  const shared = {
    ...control,
    className: `input ${mono ? 'mono' : ''} ${rows > 1 ? css.lines : ''}`,
    autoComplete: 'off',
    spellCheck: false,
    value,
    placeholder: hint,
    onChange: ({ target }: { readonly target: { readonly value: string } }) => onText(target.value),
  };
  if (rows > 1) return <textarea {...shared} rows={rows} />;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || onEnter === undefined) return;
    event.preventDefault();
    onEnter();
  };
  return <input {...shared} list={list} inputMode={numeric ? 'numeric' : undefined} onKeyDown={onKeyDown} />;
}
