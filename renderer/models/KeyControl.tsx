import { useId, useState } from 'react';
import { apiKeyPattern } from '#common/bounds.ts';
import { demoApiKey } from '#common/demo.ts';
import type { ServerId } from '#common/ids.ts';
import { DialogForm, typedIn } from '../components/DialogForm.tsx';
import { SecretField } from '../fields/SecretField.tsx';
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
  const [problem, setProblem] = useState<string | null>(null);
  const whatId = useId();
  const save = (form: HTMLFormElement) => {
    const key = typedIn(form, 'key').trim();
    if (key === '') return setProblem(words.keyMissing);
    if (!apiKeyPattern.test(key)) return setProblem(words.keyBad);
    form.reset();
    void call('server.setKey', { serverId, key });
    return onClose();
  };
  return (
    <DialogForm
      title={words.keyOf(serverId)}
      cancel={words.cancel}
      onClose={onClose}
      submit={words.save}
      onSubmit={save}
    >
      <SecretField
        label={words.keyField}
        name="key"
        error={problem}
        describedBy={whatId}
        onChange={() => setProblem(null)}
      />
      <p className="dim" id={whatId}>
        {`${words.keyWhat} ${kept ? words.keyKept : words.keyNotKept}`}
        {isDemo && (
          <>
            {` ${words.keyDemo[0]}`}
            <code>{demoApiKey}</code>
            {words.keyDemo[1]}
          </>
        )}
      </p>
    </DialogForm>
  );
}
