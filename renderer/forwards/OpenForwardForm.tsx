import { useState } from 'react';
import type { CallInput } from '#common/contract.ts';
import { AppError } from '#common/failure.ts';
import { fieldsOf, isOwnPort, readForwardTarget, targetOf, targetText } from '#common/forward-target.ts';
import { Icon } from '../icons/Icon.tsx';
import {
  type FieldErrors,
  type ForwardFields,
  fieldErrorsOf,
  isSshLine,
  readForwardForm,
} from '../lib/forward-form.ts';
import { useLanguage } from '../state/language.ts';
import { useServices, useSnapshot } from '../state/services.ts';
import { ForwardFieldset } from './ForwardFieldset.tsx';
import css from './OpenForwardForm.module.css';
import { forwardWords } from './words.ts';

const blank: ForwardFields = { hostId: '', target: '', localPort: '' };

type Way = 'forward.open' | 'tmux.open';

/** Opens a forward by hand. What is wrong is said at the field, also when it is the engine that refuses. */
export function OpenForwardForm() {
  const words = forwardWords[useLanguage()];
  const form = useOpenForm();
  const { fields, errors, pasted, clearErrors } = form;
  return (
    <form
      className={css.openForward}
      aria-label={words.openForward}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit('forward.open');
      }}
      onPaste={(event) => {
        const text = event.clipboardData.getData('text/plain');
        if (!isSshLine(text)) return;
        event.preventDefault();
        void form.paste(text);
      }}
      onBlur={({ currentTarget, relatedTarget }) => {
        // To another place of the page: what was wrong here is no longer being worked on.
        if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) clearErrors();
      }}
      onKeyDown={({ key }) => {
        if (key === 'Escape') clearErrors();
      }}
    >
      <ForwardFieldset fields={fields} errors={errors} onChange={form.change} />
      <OpenButtons form={form} />
      <PastedMore pasted={pasted} />
      {errors.form !== undefined && errors.form !== '' && (
        <p className={css.formError} role="alert">
          {errors.form}
        </p>
      )}
    </form>
  );
}

type OpenForm = ReturnType<typeof useOpenForm>;

/** What stands in the form, and what becomes of it. */
function useOpenForm() {
  const words = forwardWords[useLanguage()];
  const [fields, setFields] = useState(blank);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [busy, setBusy] = useState<Way | null>(null);
  const [pasted, setPasted] = useState<Pasted>(noPaste);
  const { open, read } = useCalls();
  return {
    fields,
    errors,
    busy,
    pasted,
    clearErrors: () => setErrors({}),
    change(changed: ForwardFields) {
      setFields(changed);
      setErrors({});
    },
    async submit(way: Way) {
      const reading = readForwardForm(fields, words);
      setErrors(reading.ok ? {} : reading.errors);
      if (!reading.ok || busy !== null) return;
      setBusy(way);
      const refused = await open(way, reading.input);
      const others = refused === null ? pasted.more : [];
      const refusals = await Promise.all(others.map((input) => open('forward.open', input)));
      setBusy(null);
      setErrors(refused ?? { form: refusals.find((one) => one !== null)?.form ?? '' });
      if (refused !== null) return;
      setPasted(noPaste);
      setFields({ ...blank, hostId: fields.hostId });
    },
    async paste(line: string) {
      const answer = await read(line);
      setErrors(answer.errors);
      if (answer.fields === null) return;
      setFields(answer.fields);
      setPasted(answer);
    },
  };
}

function OpenButtons({ form: { fields, busy, pasted, submit } }: { readonly form: OpenForm }) {
  const { tmux } = useSnapshot().otherForwards;
  const words = forwardWords[useLanguage()];
  const target = readForwardTarget(fields.target);
  const noTmux = tmux === 'missing' || (target !== null && !isOwnPort(target));
  const openText = pasted.more.length > 0 ? words.openAll(pasted.more.length + 1) : words.open;
  return (
    <div className={css.openButtons}>
      <button type="submit" className="button button-accent" aria-disabled={busy !== null}>
        <Icon name="forward" />
        {busy === 'forward.open' ? words.opening : openText}
      </button>
      <button
        type="button"
        className="button"
        title={tmux === 'missing' ? words.noTmux : noTmux ? words.tmuxPortsOnly : words.openTmuxHint}
        aria-disabled={busy !== null || noTmux}
        onClick={() => {
          if (!noTmux) void submit('tmux.open');
        }}
      >
        <Icon name="terminal" />
        {busy === 'tmux.open' ? words.opening : words.openTmux}
      </button>
    </div>
  );
}

interface Pasted {
  /** What the line asks for beside what the fields show. */
  readonly more: readonly CallInput<'forward.open'>[];
  readonly ignored: readonly string[];
}

const noPaste: Pasted = { more: [], ignored: [] };

/** The other forwards of a line that was pasted, which open with the first. */
function PastedMore({ pasted: { more, ignored } }: { readonly pasted: Pasted }) {
  const words = forwardWords[useLanguage()];
  if (more.length === 0 && ignored.length === 0) return null;
  return (
    <div className={css.pasted} role="status">
      {more.length > 0 && (
        <>
          {words.pasted(more.length + 1)}
          <ul>
            {more.map((input) => {
              const to = targetOf(input);
              const text = `localhost:${input.localPort} → ${to === null ? '' : targetText(to)}`;
              return <li key={text}>{text}</li>;
            })}
          </ul>
        </>
      )}
      {ignored.length > 0 && <p className="dim">{words.leftOut(ignored.join(', '))}</p>}
    </div>
  );
}

interface ReadLine extends Pasted {
  /** Null where the line could not be read. */
  readonly fields: ForwardFields | null;
  readonly errors: FieldErrors;
}

/** The calls of the form; what they are refused for is to be fixed in it. */
function useCalls() {
  const { bridge, toasts } = useServices();
  const language = useLanguage();
  const refusalOf = (error: unknown): FieldErrors => {
    const { code, detail } = error instanceof AppError ? error : new AppError('internal');
    return fieldErrorsOf(code, language, detail);
  };
  return {
    /** Opens it one way or the other; resolves to what is to be fixed, null when it is open. */
    async open(way: Way, input: CallInput<'forward.open'>): Promise<FieldErrors | null> {
      try {
        // A session leads to a port of the host alone; its button is off for other targets.
        if (way === 'forward.open' || 'remoteSocket' in input) await bridge.call('forward.open', input);
        else {
          const { hostId, remotePort, localPort } = input;
          const opened = await bridge.call('tmux.open', {
            hostId,
            remotePort,
            ...(localPort !== undefined && { localPort }),
          });
          const title = forwardWords[language].tmuxOpened(opened.localPort);
          toasts.show({ kind: 'done', title, hint: '', detail: '' });
        }
        return null;
      } catch (error) {
        return refusalOf(error);
      }
    },
    /** Reads a pasted command line of ssh into the fields. */
    async read(line: string): Promise<ReadLine> {
      try {
        const { hostId, forwards, ignored } = await bridge.call('forward.read', {
          line: line.slice(0, 4000),
        });
        const [first, ...others] = forwards;
        const more = others.map(({ localPort, ...to }) => ({ hostId, localPort, ...fieldsOf(to) }));
        const fields =
          first === undefined
            ? null
            : { hostId, target: targetText(first), localPort: String(first.localPort) };
        return { fields, more, ignored, errors: {} };
      } catch (error) {
        return { ...noPaste, fields: null, errors: refusalOf(error) };
      }
    },
  };
}
