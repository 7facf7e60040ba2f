import { type ReactNode, useId, useMemo } from 'react';
import type { FieldErrors, ForwardFields } from '../lib/forward-form.ts';
import { useSameList } from '../lib/same-list.ts';
import { useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { forwardWords } from './words.ts';

interface Props {
  readonly fields: ForwardFields;
  readonly errors: FieldErrors;
  readonly onChange: (fields: ForwardFields) => void;
}

/** Host, remote and local port. Hosts with models come first, and their ports are offered. */
export function ForwardFieldset({ fields, errors, onChange }: Props) {
  const { servers } = useSnapshot();
  const words = useWords(forwardWords);
  const portsId = useId();
  const known = servers.filter(({ hostId }) => hostId === fields.hostId);
  const change = (field: keyof ForwardFields) => (event: { readonly target: { readonly value: string } }) =>
    onChange({ ...fields, [field]: event.target.value });
  return (
    <>
      <Field label={words.host} error={errors.hostId}>
        {(props) => (
          <select {...props} className="input" value={fields.hostId} onChange={change('hostId')}>
            <option value="">{words.choose}</option>
            <HostOptions />
          </select>
        )}
      </Field>
      <Field label={words.remoteTarget} error={errors.target}>
        {(props) => (
          <>
            <input
              {...props}
              className="input"
              autoComplete="off"
              spellCheck={false}
              title={words.targetHint}
              list={portsId}
              placeholder={String(known[0]?.port ?? 8000)}
              value={fields.target}
              onChange={change('target')}
            />
            <datalist id={portsId}>
              {known.map(({ port, models }) => (
                <option key={port} value={port} label={models[0]?.id} />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Field label={words.localPort} error={errors.localPort}>
        {(props) => (
          <input
            {...props}
            className="input"
            inputMode="numeric"
            autoComplete="off"
            placeholder={words.nextFree}
            value={fields.localPort}
            onChange={change('localPort')}
          />
        )}
      </Field>
    </>
  );
}

/** The same elements until a host comes or goes, or begins or ends to serve: there may be a thousand. */
function HostOptions() {
  const { hosts, servers } = useSnapshot();
  const words = useWords(forwardWords);
  const all = useSameList(hosts.map(({ id }) => id));
  const serving = useSameList([...new Set(servers.map(({ hostId }) => hostId))]);
  return useMemo(() => {
    const isServing = new Set(serving);
    const groups = [
      { label: words.hostsWithModels, hosts: all.filter((id) => isServing.has(id)) },
      { label: words.otherHosts, hosts: all.filter((id) => !isServing.has(id)) },
    ];
    return groups
      .filter((group) => group.hosts.length > 0)
      .map((group) => (
        <optgroup key={group.label} label={group.label}>
          {group.hosts.map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </optgroup>
      ));
  }, [all, serving, words]);
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
