import type { Prompt } from '#common/prompts.ts';
import { DialogForm, typedIn } from '../components/DialogForm.tsx';
import { SecretField } from '../fields/SecretField.tsx';
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
  const answer = (form: HTMLFormElement) => {
    const answers = named.map(({ name }) => typedIn(form, name));
    const isKept = new FormData(form).get('remember') === 'on';
    form.reset();
    void call('prompt.answer', { promptId: prompt.id, answers, remember: isKept });
  };
  return (
    <DialogForm
      title={words.titles[kind](asker.alias)}
      cancel={words.cancel}
      onClose={dismiss}
      submit={fields.length === 0 ? words.ok : words.logIn}
      beside={waiting > 0 && <p className="dim small">{words.moreQuestions(waiting)}</p>}
      onSubmit={answer}
    >
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
      {named.map(({ field: { label, echo }, name }) => (
        <SecretField
          key={name}
          label={label === '' ? words.answer : label}
          name={name}
          isPlain={echo}
          autoComplete={echo ? 'one-time-code' : 'off'}
        />
      ))}
      {remember && (
        <label className={css.check}>
          <input type="checkbox" name="remember" />
          {words.remember}
        </label>
      )}
    </DialogForm>
  );
}
