import type { Forward } from '#common/forwards.ts';
import { isAway } from '#common/select/forwards.ts';
import { Action } from '../components/Action.tsx';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import css from './ForwardsView.module.css';
import { forwardWords } from './words.ts';

/** Retry, keep the port, stop: each in its place, so that none moves when another comes. */
export function RowActions({ forward }: { readonly forward: Forward }) {
  const actions = useActions();
  const call = useCall();
  const words = useWords(forwardWords);
  const { id: forwardId, localPort, pinned } = forward;
  return (
    <>
      <span className={css.actionPlace}>
        {isAway(forward) && (
          <Action
            icon="rescan"
            name={words.retryForwardTo(forwardId)}
            onPress={() => void call('forward.retry', { forwardId })}
          />
        )}
      </span>
      <span className={css.actionPlace}>
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
