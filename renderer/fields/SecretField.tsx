import { useId, useState } from 'react';
import { useWords } from '../state/language.ts';
import { fieldWords } from './words.ts';

interface Props {
  readonly label: string;
  readonly name: string;
  /** It is no secret: what is typed is shown. */
  readonly isPlain?: boolean;
  readonly autoComplete?: string;
  /** What is wrong with it; null: nothing. */
  readonly error?: string | null;
  /** The id of what explains it. */
  readonly describedBy?: string;
  readonly onChange?: () => void;
}

/** A field of a form for a secret, with a button that shows what is typed. The input keeps that, and nothing else does. */
export function SecretField({ label, name, isPlain = false, error = null, ...rest }: Props) {
  const { autoComplete = 'off', onChange } = rest;
  const [shown, setShown] = useState(isPlain);
  const id = useId();
  const words = useWords(fieldWords);
  const errorId = error === null ? undefined : `${id}-error`;
  const describedBy = [errorId, rest.describedBy].filter((one) => one !== undefined).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-line">
        <input
          id={id}
          name={name}
          className="input"
          type={shown ? 'text' : 'password'}
          autoComplete={autoComplete}
          autoCapitalize="off"
          spellCheck={false}
          aria-invalid={error !== null}
          aria-describedby={describedBy === '' ? undefined : describedBy}
          onChange={onChange}
        />
        {!isPlain && (
          <button
            type="button"
            className="button"
            aria-pressed={shown}
            aria-label={words.showField(label)}
            onClick={() => setShown(!shown)}
          >
            {shown ? words.hide : words.show}
          </button>
        )}
      </div>
      {error !== null && (
        <p className="field-error" id={errorId} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
