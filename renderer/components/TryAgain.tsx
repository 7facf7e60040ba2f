import type { Host } from '#common/model.ts';
import { Icon } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { frameWords } from './words.ts';

/** Scans this one host again. Stays where it is while that runs, so that the keyboard focus does too. */
export function TryAgain({ host }: { readonly host: Host }) {
  const actions = useActions();
  const words = useWords(frameWords);
  const waiting = host.state.kind === 'queued' || host.state.kind === 'connecting';
  return (
    <button
      type="button"
      className="button"
      aria-disabled={waiting}
      onClick={() => {
        if (!waiting) void actions.scan([host.id]);
      }}
    >
      <Icon name="rescan" />
      {words.tryAgain}
      <span className="visually-hidden"> {host.alias}</span>
    </button>
  );
}
