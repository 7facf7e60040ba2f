import { useState } from 'react';
import type { CallInput } from '#common/contract.ts';
import { AppError } from '#common/errors.ts';
import { Icon } from '../icons/Icon.tsx';
import { type FieldErrors, type ForwardFields, fieldErrorsOf, readForwardForm } from '../lib/forward-form.ts';
import { useLanguage } from '../state/language.ts';
import { useServices, useSnapshot } from '../state/services.ts';
import { ForwardFieldset } from './ForwardFieldset.tsx';
import { forwardWords } from './words.ts';

const blank: ForwardFields = { hostId: '', remotePort: '', localPort: '' };

type Way = 'forward.open' | 'tmux.open';

/** Opens a forward by hand. What is wrong is said at the field, also when it is the engine that refuses. */
export function OpenForwardForm() {
  const { tmux } = useSnapshot().elsewhere;
  const words = forwardWords[useLanguage()];
  const [fields, setFields] = useState(blank);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [busy, setBusy] = useState<Way | null>(null);
  const open = useOpen();

  const submit = async (way: Way) => {
    const reading = readForwardForm(fields, words);
    setErrors(reading.ok ? {} : reading.errors);
    if (!reading.ok || busy !== null) return;
    setBusy(way);
    const refused = await open(way, reading.input);
    setBusy(null);
    if (refused !== null) setErrors(refused);
    else setFields({ ...blank, hostId: fields.hostId });
  };

  return (
    <form
      className="open-forward"
      aria-label={words.openForward}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit('forward.open');
      }}
    >
      <ForwardFieldset
        fields={fields}
        errors={errors}
        onChange={(changed) => {
          setFields(changed);
          setErrors({});
        }}
      />
      <div className="open-buttons">
        <button type="submit" className="button button-accent" aria-disabled={busy !== null}>
          <Icon name="forward" />
          {busy === 'forward.open' ? words.opening : words.open}
        </button>
        <button
          type="button"
          className="button"
          title={tmux === 'missing' ? words.noTmux : words.openTmuxHint}
          aria-disabled={busy !== null || tmux === 'missing'}
          onClick={() => {
            if (tmux !== 'missing') void submit('tmux.open');
          }}
        >
          <Icon name="terminal" />
          {busy === 'tmux.open' ? words.opening : words.openTmux}
        </button>
      </div>
      {errors.form !== undefined && (
        <p className="form-error" role="alert">
          {errors.form}
        </p>
      )}
    </form>
  );
}

/** Opens it one way or the other; resolves to what is to be mended, null when it is open. */
function useOpen() {
  const { bridge, toasts } = useServices();
  const language = useLanguage();
  return async (way: Way, input: CallInput<Way>): Promise<FieldErrors | null> => {
    try {
      const { localPort } = await bridge.call(way, input);
      if (way === 'tmux.open') {
        const title = forwardWords[language].tmuxOpened(localPort ?? 0);
        toasts.show({ kind: 'done', title, hint: '', detail: '' });
      }
      return null;
    } catch (error) {
      const { code, detail } = error instanceof AppError ? error : new AppError('internal');
      return fieldErrorsOf(code, language, detail);
    }
  };
}
