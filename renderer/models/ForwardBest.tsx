import { forwardAddress } from '#common/select/forwards.ts';
import { Icon } from '../icons/Icon.tsx';
import { useFormats, useWords } from '../state/language.ts';
import { useServices } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import type { ModelRow } from './model-groups.ts';
import { modelWords } from './words.ts';

interface Props {
  /** Undefined: no server of the model may be forwarded. */
  readonly best: ModelRow | undefined;
  /** Those that it runs and that wait for it; null: not known. */
  readonly requests: number | null | undefined;
}

/** Forwards the least busy server of a model, and says which one that was: the next moment it may be another. */
export function ForwardBest({ best, requests }: Props) {
  const call = useCall();
  const { toasts } = useServices();
  const words = useWords(modelWords);
  const { whole } = useFormats();
  const title =
    best === undefined
      ? words.noneToForward
      : words.bestIs(best.server.id, requests == null ? null : whole(requests));
  const open = async () => {
    if (best === undefined) return;
    const { hostId, port: remotePort, id } = best.server;
    const forward = await call('forward.open', { hostId, remotePort });
    const address = forward && forwardAddress(forward);
    if (address) toasts.show({ kind: 'done', title: words.forwardedTo(address, id), hint: '', detail: '' });
  };
  return (
    <button
      type="button"
      className="button"
      aria-disabled={best === undefined}
      title={title}
      onClick={() => void open()}
    >
      <Icon name="forward" />
      {words.forwardBest}
      {best !== undefined && <span className="visually-hidden">{` ${best.model?.id ?? ''}, ${title}`}</span>}
    </button>
  );
}
