import type { Forward } from '#common/forwards.ts';
import { isAway } from '#common/select.ts';
import { Icon, type IconName } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { forwardWords } from './words.ts';

/** Retry, keep the port, stop: each in its place, so that none moves when another comes. */
export function RowActions({ forward }: { readonly forward: Forward }) {
  const actions = useActions();
  const call = useCall();
  const words = useWords(forwardWords);
  const { id: forwardId, localPort, pinned } = forward;
  return (
    <>
      <span className="action-place">
        {isAway(forward) && (
          <Action
            icon="rescan"
            name={words.retryForwardTo(forwardId)}
            onPress={() => void call('forward.retry', { forwardId })}
          />
        )}
      </span>
      <span className="action-place">
        {localPort !== null && (
          <Action
            icon="pin"
            name={pinned ? words.portKept(localPort) : words.keepPort(localPort)}
            pressed={pinned}
            onPress={() => void call('forward.pin', { forwardId, pinned: !pinned })}
          />
        )}
      </span>
      <Action
        icon="stop"
        name={words.stopForwardTo(forwardId)}
        onPress={() => void actions.closeForward(forwardId)}
      />
    </>
  );
}

interface ActionProps {
  readonly icon: IconName;
  readonly name: string;
  readonly pressed?: boolean;
  readonly onPress: () => void;
}

export function Action({ icon, name, pressed, onPress }: ActionProps) {
  return (
    <button
      type="button"
      className="icon-button"
      title={name}
      aria-label={name}
      aria-pressed={pressed}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}
