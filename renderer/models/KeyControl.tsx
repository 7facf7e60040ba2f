import { type FormEvent, useId, useState } from 'react';
import { apiKeyPattern } from '#common/bounds.ts';
import { demoApiKey } from '#common/demo.ts';
import type { ServerId } from '#common/ids.ts';
import { Dialog } from '../components/Dialog.tsx';
import { useWords } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { modelWords } from './words.ts';

interface Props {
  readonly serverId: ServerId;
}

/** Opens the dialog for the API key of a server. */
export function KeyButton({ serverId, className }: Props & { readonly className: string }) {
  const words = useWords(modelWords);
  const [open, setOpen] = useState(false);
  const isSet = useHasKey(serverId);
  return (
    <>
      <button type="button" className={className} onClick={() => setOpen(true)}>
        {isSet ? words.changeKey : words.enterKey}
        <span className="visually-hidden">{` ${serverId}`}</span>
      </button>
      {open && <KeyDialog serverId={serverId} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Asks for the API key of a server, or offers to change or remove the one that is shown to it. */
export function KeyControl({ serverId }: Props) {
  const call = useCall();
  const words = useWords(modelWords);
  return (
    <>
      <KeyButton serverId={serverId} className="button" />
      {useHasKey(serverId) && (
        <button
          type="button"
          className="button"
          onClick={() => void call('server.setKey', { serverId, key: null })}
        >
          {words.removeKey}
          <span className="visually-hidden">{` ${serverId}`}</span>
        </button>
      )}
    </>
  );
}

/** Whether an API key is shown to this server. */
export function useHasKey(serverId: ServerId): boolean {
  return useAppState(({ snapshot }) => snapshot?.apiKeys.serverIds.includes(serverId) ?? false);
}

/** Asks for the API key of a server. */
export function KeyDialog({ serverId, onClose }: Props & { readonly onClose: () => void }) {
  const call = useCall();
  const words = useWords(modelWords);
  const kept = useAppState(({ snapshot }) => snapshot?.apiKeys.kept ?? false);
  const isDemo = useAppState(({ snapshot }) => snapshot?.source.kind === 'demo');
  const [shown, setShown] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const ids = { field: useId(), problem: useId(), what: useId() };
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // The input keeps what was typed, and nothing else does.
    const key = String(new FormData(event.currentTarget).get('key') ?? '').trim();
    if (key === '') return setProblem(words.keyMissing);
    if (!apiKeyPattern.test(key)) return setProblem(words.keyBad);
    event.currentTarget.reset();
    void call('server.setKey', { serverId, key });
    return onClose();
  };
  return (
    <Dialog title={words.keyOf(serverId)} onClose={onClose}>
      <form className="dialog-body" autoComplete="off" noValidate onSubmit={save}>
        <div className="field">
          <label htmlFor={ids.field}>{words.keyField}</label>
          <div className="field-line">
            <input
              id={ids.field}
              name="key"
              className="input"
              type={shown ? 'text' : 'password'}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              aria-invalid={problem !== null}
              aria-describedby={problem === null ? ids.what : `${ids.problem} ${ids.what}`}
              onChange={() => setProblem(null)}
            />
            <button type="button" className="button" aria-pressed={shown} onClick={() => setShown(!shown)}>
              {shown ? words.hideKey : words.showKey}
            </button>
          </div>
          {problem !== null && (
            <p className="field-error" id={ids.problem} role="alert">
              {problem}
            </p>
          )}
        </div>
        <p className="dim" id={ids.what}>
          {`${words.keyWhat} ${kept ? words.keyKept : words.keyNotKept}`}
          {isDemo && (
            <>
              {` ${words.keyDemo[0]}`}
              <code>{demoApiKey}</code>
              {words.keyDemo[1]}
            </>
          )}
        </p>
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {words.cancel}
          </button>
          <button type="submit" className="button button-accent">
            {words.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
