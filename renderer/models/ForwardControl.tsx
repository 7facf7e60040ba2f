import { useId, useState } from 'react';
import type { ErrorCode } from '#common/errors.ts';
import type { Forward } from '#common/forwards.ts';
import type { ModelServer } from '#common/model.ts';
import { type ErrorWords, errorWords } from '#common/words/states.ts';
import { Icon } from '../icons/Icon.tsx';
import { useLanguage } from '../state/language.ts';
import { useActions } from '../state/services.ts';
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
  const actions = useActions();
  const [asking, setAsking] = useState(false);
  const reasonId = useId();
  const language = useLanguage();
  const words = modelWords[language];
  if (forward !== null) return <ForwardChip forward={forward} modelId={modelId} />;

  const open = async () => {
    if (asking || why !== null) return;
    setAsking(true);
    await actions.openForward(server.hostId, server.port);
    setAsking(false);
  };
  const reason = why === null ? undefined : sentencesOf(errorWords(why, language));
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
