import { useId, useState } from 'react';
import type { ErrorCode } from '#common/failure.ts';
import type { Forward } from '#common/forwards.ts';
import type { ModelServer } from '#common/servers.ts';
import type { ErrorWords } from '#common/words/errors-en.ts';
import { errorWords } from '#common/words/states.ts';
import { Icon } from '../icons/Icon.tsx';
import { useLanguage } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { ForwardChip } from './ForwardChip.tsx';
import { modelWords } from './words.ts';

interface Props {
  readonly server: ModelServer;
  readonly modelId: string | null;
  readonly forward: Forward | null;
  /** Why it cannot be forwarded; null when it can. */
  readonly why: ErrorCode | null;
}

/** The Forward button, which becomes the chip of the open forward. */
export function ForwardControl({ server, modelId, forward, why }: Props) {
  const call = useCall();
  const [asking, setAsking] = useState(false);
  const reasonId = useId();
  const other = useAppState(({ snapshot }) =>
    snapshot?.otherForwards.forwards.find(
      ({ hostId, remotePort, state }) =>
        hostId === server.hostId && remotePort === server.port && state.kind !== 'dead',
    ),
  );
  const language = useLanguage();
  const words = modelWords[language];
  if (forward !== null) return <ForwardChip forward={forward} modelId={modelId} />;

  const open = async () => {
    if (asking || why !== null) return;
    setAsking(true);
    await call('forward.open', { hostId: server.hostId, remotePort: server.port });
    setAsking(false);
  };
  const taken = other === undefined ? undefined : words.otherForward(other.localPort);
  const reason = why === null ? taken : sentencesOf(errorWords(why, language));
  return (
    <>
      <button
        type="button"
        className="button"
        aria-disabled={asking || why !== null}
        aria-describedby={reason && reasonId}
        title={reason}
        onClick={() => void open()}
      >
        <Icon name="forward" />
        {asking ? words.opening : words.forward}
        <span className="visually-hidden">{words.forwardWhat(modelId, server.id)}</span>
      </button>
      {other !== undefined && (
        <span className="dim small" title={taken} aria-hidden>
          {` :${other.localPort}`}
        </span>
      )}
      {reason && (
        <span className="visually-hidden" id={reasonId}>
          {reason}
        </span>
      )}
    </>
  );
}

function sentencesOf({ title, hint }: ErrorWords): string {
  return `${title}. ${hint}`;
}
