import { useState } from 'react';
import type { Remedy } from '#common/select/remedies.ts';
import { remedyWords } from '#common/words/remedies.ts';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { reveal } from '../state/route.ts';
import { useActions } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { HostKeysDialog } from './HostKeysDialog.tsx';

interface Props {
  readonly remedy: Remedy;
  /** The host or forward that has failed; empty where it is neither. */
  readonly of: string;
}

/** The step that a failure leaves to a person. */
export function RemedyButton({ remedy, of }: Props) {
  const run = useRemedy();
  const [reviewing, setReviewing] = useState(false);
  const words = useWords(remedyWords);
  return (
    <>
      <button
        type="button"
        className="button"
        onClick={() => (remedy.kind === 'accept-key' ? setReviewing(true) : run(remedy))}
      >
        {words[remedy.kind]}
        {of !== '' && <span className="visually-hidden"> {of}</span>}
      </button>
      {reviewing && remedy.kind === 'accept-key' && (
        <HostKeysDialog keyId={remedy.keyId} onClose={() => setReviewing(false)} />
      )}
    </>
  );
}

/** Takes the step; one that shows a dialog is the caller's. */
export function useRemedy(): (remedy: Exclude<Remedy, { readonly kind: 'accept-key' }>) => void {
  const actions = useActions();
  const call = useCall();
  const frame = useWords(frameWords);
  return (remedy) => {
    switch (remedy.kind) {
      case 'log-in':
        return void call('host.login', { hostIds: [remedy.hostId] });
      case 'open-settings':
        return reveal(remedy.place);
      case 'copy-command':
        return void actions.copy(remedy.command, frame.command);
    }
  };
}
