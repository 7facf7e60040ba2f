import { useEffect, useRef } from 'react';
import { Dialog } from '../components/Dialog.tsx';
import { useWords } from '../state/language.ts';
import { PlanView } from './PlanView.tsx';
import { ProfileBar } from './ProfileBar.tsx';
import css from './ServeDialog.module.css';
import { ServeFieldset } from './ServeFieldset.tsx';
import type { ServeFields } from './serve-fields.ts';
import { type Step, useServing } from './use-serving.ts';
import { launchesWords } from './words.ts';

interface Props {
  readonly initial: ServeFields;
  readonly onClose: () => void;
}

/** Asks what to serve and where, shows the line that would run, and starts that one. */
export function ServeDialog({ initial, onClose }: Props) {
  const words = useWords(launchesWords);
  const form = useRef<HTMLFormElement>(null);
  const { fields, setFields, errors, refusal, step, back, read, submit } = useServing(initial, onClose);
  const plan = 'plan' in step ? step.plan : null;
  useEffect(() => {
    if (Object.keys(errors).length > 0)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);
  return (
    <Dialog title={words.serve} onClose={onClose} wide>
      <form
        ref={form}
        className={`dialog-body ${css.serve}`}
        aria-label={words.serve}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {plan === null ? (
          <>
            <ServeFieldset fields={fields} errors={errors} onChange={setFields} />
            <ProfileBar read={read} onFields={setFields} />
          </>
        ) : (
          <PlanView plan={plan} />
        )}
        {refusal !== null && (
          <p className="field-error" role="alert">
            {refusal}
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={plan === null ? onClose : back}>
            {plan === null ? words.cancel : words.change}
          </button>
          <SubmitButton key={plan === null ? 'review' : 'start'} step={step} />
        </div>
      </form>
    </Dialog>
  );
}

/** Shows the command first; the next press of Enter starts it. */
function SubmitButton({ step }: { readonly step: Step }) {
  const words = useWords(launchesWords);
  const button = useRef<HTMLButtonElement>(null);
  const startsIt = 'plan' in step;
  useEffect(() => {
    if (startsIt) button.current?.focus();
  }, [startsIt]);
  const names = {
    asking: words.review,
    planning: words.reviewing,
    planned: words.start,
    starting: words.starting,
  };
  return (
    <button
      ref={button}
      type="submit"
      className="button button-accent"
      aria-disabled={step.kind === 'planning' || step.kind === 'starting'}
    >
      {names[step.kind]}
    </button>
  );
}
