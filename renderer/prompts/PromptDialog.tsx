import { type FormEvent, useId, useState } from 'react';
import type { Prompt, PromptField } from '#common/prompts.ts';
import { Dialog } from '../components/Dialog.tsx';
import { useWords } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import css from './PromptDialog.module.css';
import { promptWords } from './words.ts';

const none: readonly Prompt[] = [];

/** The oldest question that a login asks; nothing while none does. */
export function PromptDialog() {
  const prompts = useAppState(({ snapshot }) => snapshot?.prompts) ?? none;
  const [prompt, ...more] = prompts;
  if (prompt === undefined) return null;
  return <Question key={prompt.id} prompt={prompt} waiting={more.length} />;
}

function Question({ prompt, waiting }: { readonly prompt: Prompt; readonly waiting: number }) {
  const call = useCall();
  const words = useWords(promptWords);
  const { asker, hostId, kind, text, fields, again, remember } = prompt;
  const named = fields.map((field, index) => ({ field, name: `answer ${index}` }));
  const dismiss = () => void call('prompt.dismiss', { promptId: prompt.id });
  const answer = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // The inputs keep what was typed, and nothing else does.
    const data = new FormData(event.currentTarget);
    const answers = named.map(({ name }) => String(data.get(name) ?? ''));
    event.currentTarget.reset();
    void call('prompt.answer', { promptId: prompt.id, answers, remember: data.get('remember') === 'on' });
  };
  return (
    <Dialog title={words.titles[kind](asker.alias)} onClose={dismiss}>
      <form className="dialog-body" autoComplete="off" onSubmit={answer}>
        <p className="dim">
          {asker.user}@{asker.hostname}
          {asker.port === 22 ? '' : words.port(asker.port)}
          {asker.isJumpHost && words.jumpHostTo(hostId)}
        </p>
        {text !== '' && (
          <p className={kind === 'passphrase' ? 'raw' : `${css.said} raw`}>
            {kind === 'interactive' && <span className="visually-hidden">{words.hostSays} </span>}
            {text}
          </p>
        )}
        {again && (
          <p className={css.again} role="alert">
            {words.again}
          </p>
        )}
        {named.map(({ field, name }) => (
          <Field key={name} field={field} name={name} />
        ))}
        {remember && (
          <label className={css.check}>
            <input type="checkbox" name="remember" />
            {words.remember}
          </label>
        )}
        <div className="dialog-actions">
          {waiting > 0 && <p className="dim small">{words.moreQuestions(waiting)}</p>}
          <button type="button" className="button" onClick={dismiss}>
            {words.cancel}
          </button>
          <button type="submit" className="button button-accent">
            {fields.length === 0 ? words.ok : words.logIn}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldProps {
  readonly field: PromptField;
  readonly name: string;
}

function Field({ field, name }: FieldProps) {
  const [shown, setShown] = useState(field.echo);
  const id = useId();
  const words = useWords(promptWords);
  return (
    <div className="field">
      <label htmlFor={id}>{field.label === '' ? words.answer : field.label}</label>
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
            aria-label={words.showField(field.label)}
            onClick={() => setShown(!shown)}
          >
            {shown ? words.hide : words.show}
          </button>
        )}
      </div>
    </div>
  );
}
