import { type FormEvent, useId, useState } from 'react';
import { count } from '#common/format.ts';
import type { Prompt, PromptField } from '#common/model.ts';
import { Dialog } from '../components/Dialog.tsx';
import { useActions, useAppState } from '../state/services.ts';

const none: readonly Prompt[] = [];

/** The oldest question that a login asks; nothing while none does. */
export function PromptDialog() {
  const prompts = useAppState(({ snapshot }) => snapshot?.prompts) ?? none;
  const [prompt, ...more] = prompts;
  if (prompt === undefined) return null;
  return <Question key={prompt.id} prompt={prompt} waiting={more.length} />;
}

function Question({ prompt, waiting }: { readonly prompt: Prompt; readonly waiting: number }) {
  const actions = useActions();
  const { asker, hostId, kind, text, fields, again, remember } = prompt;
  const named = fields.map((field, index) => ({ field, name: `answer ${index}` }));
  const dismiss = () => void actions.dismissPrompt(prompt.id);
  const answer = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // The inputs keep what was typed, and nothing else does.
    const data = new FormData(event.currentTarget);
    const answers = named.map(({ name }) => String(data.get(name) ?? ''));
    event.currentTarget.reset();
    void actions.answerPrompt(prompt.id, answers, data.get('remember') === 'on');
  };
  return (
    <Dialog title={`${titles[kind]} ${asker.alias}`} onClose={dismiss}>
      <form className="dialog-body" autoComplete="off" onSubmit={answer}>
        <p className="dim">
          {asker.user}@{asker.hostname}
          {asker.port === 22 ? '' : `, port ${asker.port}`}
          {asker.isJumpHost && `, the jump host on the way to ${hostId}`}
        </p>
        {text !== '' && (
          <p className={kind === 'passphrase' ? 'raw' : 'prompt-said raw'}>
            {kind === 'interactive' && <span className="visually-hidden">The host says: </span>}
            {text}
          </p>
        )}
        {again && (
          <p className="prompt-again" role="alert">
            That was not right. Try again.
          </p>
        )}
        {named.map(({ field, name }) => (
          <Field key={name} field={field} name={name} />
        ))}
        {remember !== 'no' && (
          <label className="check">
            <input type="checkbox" name="remember" />
            {remember === 'encrypted'
              ? 'Remember it on this computer'
              : 'Remember it on this computer, readable for programs of this account: there is no keyring'}
          </label>
        )}
        <div className="dialog-actions">
          {waiting > 0 && <p className="dim small">{count(waiting, 'more question')} after this</p>}
          <button type="button" className="button" onClick={dismiss}>
            Cancel
          </button>
          <button type="submit" className="button button-accent">
            {fields.length === 0 ? 'OK' : 'Log in'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const titles: Readonly<Record<Prompt['kind'], string>> = {
  passphrase: 'Passphrase of the key for',
  password: 'Password for',
  interactive: 'Log in to',
};

interface FieldProps {
  readonly field: PromptField;
  readonly name: string;
}

function Field({ field, name }: FieldProps) {
  const [shown, setShown] = useState(field.echo);
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{field.label === '' ? 'Answer' : field.label}</label>
      <div className="field-line">
        <input
          id={id}
          name={name}
          className="input"
          type={shown ? 'text' : 'password'}
          autoComplete={field.echo ? 'one-time-code' : 'off'}
          autoCapitalize="off"
          spellCheck={false}
        />
        {!field.echo && (
          <button
            type="button"
            className="button"
            aria-pressed={shown}
            aria-label={`Show ${field.label}`}
            onClick={() => setShown(!shown)}
          >
            {shown ? 'Hide' : 'Show'}
          </button>
        )}
      </div>
    </div>
  );
}
