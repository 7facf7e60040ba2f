import { type ReactNode, useId, useState } from 'react';
import { AppError } from '#common/errors.ts';
import type { Host } from '#common/model.ts';
import { Icon } from '../icons/Icon.tsx';
import { type FieldErrors, type ForwardFields, fieldErrorsOf, readForwardForm } from '../lib/forward-form.ts';
import { useLanguage } from '../state/language.ts';
import { useServices } from '../state/services.ts';
import { forwardWords } from './words.ts';

const blank: ForwardFields = { hostId: '', remotePort: '', localPort: '' };

/** Opens a forward by hand. What is wrong is said at the field, also when it is the engine that refuses. */
export function OpenForwardForm({ hosts }: { readonly hosts: readonly Host[] }) {
  const { bridge } = useServices();
  const language = useLanguage();
  const words = forwardWords[language];
  const [fields, setFields] = useState(blank);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [busy, setBusy] = useState(false);
  const change = (field: keyof ForwardFields) => (event: { readonly target: { readonly value: string } }) => {
    setFields({ ...fields, [field]: event.target.value });
    setErrors({});
  };

  const submit = async () => {
    const reading = readForwardForm(fields, words);
    setErrors(reading.ok ? {} : reading.errors);
    if (!reading.ok || busy) return;
    setBusy(true);
    try {
      await bridge.call('forward.open', reading.input);
      setFields({ ...blank, hostId: fields.hostId });
    } catch (error) {
      setErrors(fieldErrorsOf(error instanceof AppError ? error.code : 'internal', language));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className="open-forward"
      aria-label={words.openForward}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field label={words.host} error={errors.hostId}>
        {(props) => (
          <select {...props} className="input" value={fields.hostId} onChange={change('hostId')}>
            <option value="">{words.choose}</option>
            {hosts.map((host) => (
              <option key={host.id} value={host.id}>
                {host.alias}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={words.remotePort} error={errors.remotePort}>
        {(props) => (
          <input
            {...props}
            className="input input-port"
            inputMode="numeric"
            autoComplete="off"
            placeholder="8000"
            value={fields.remotePort}
            onChange={change('remotePort')}
          />
        )}
      </Field>
      <Field label={words.localPort} error={errors.localPort}>
        {(props) => (
          <input
            {...props}
            className="input input-port"
            inputMode="numeric"
            autoComplete="off"
            placeholder={words.nextFree}
            value={fields.localPort}
            onChange={change('localPort')}
          />
        )}
      </Field>
      <button type="submit" className="button button-accent" aria-disabled={busy}>
        <Icon name="forward" />
        {busy ? words.opening : words.open}
      </button>
      {errors.form !== undefined && (
        <p className="form-error" role="alert">
          {errors.form}
        </p>
      )}
    </form>
  );
}

interface ControlProps {
  readonly id: string;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string | undefined;
}

interface FieldProps {
  readonly label: string;
  readonly error: string | undefined;
  readonly children: (props: ControlProps) => ReactNode;
}

function Field({ label, error, children }: FieldProps) {
  const id = useId();
  const errorId = `${id}-error`;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        'aria-invalid': error !== undefined,
        'aria-describedby': error === undefined ? undefined : errorId,
      })}
      {error !== undefined && (
        <p className="field-error" id={errorId} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
