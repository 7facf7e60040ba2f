import type { Host } from '#common/hosts.ts';
import { Icon } from '../icons/Icon.tsx';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { useCall } from '../state/use-call.ts';

/** Scans this one host again. Stays where it is while that runs, so that the keyboard focus does too. */
export function TryAgain({ host }: { readonly host: Host }) {
  const call = useCall();
  const words = useWords(frameWords);
  const waiting = host.state.kind === 'queued' || host.state.kind === 'connecting';
  return (
    <button
      type="button"
      className="button"
      aria-disabled={waiting}
      onClick={() => {
        if (!waiting) void call('scan.start', { hostIds: [host.id] });
      }}
    >
      <Icon name="rescan" />
      {words.tryAgain}
      <span className="visually-hidden"> {host.alias}</span>
    </button>
  );
}
