import { type RefObject, useCallback } from 'react';
import { assertNever } from '#common/never.ts';
import { useGatewayCopies } from '../gateway/use-copy.ts';
import { reveal } from '../state/route.ts';
import { useActions } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { useHostSwitches } from '../state/use-switches.ts';
import type { Deed } from './entries.ts';

export interface DeedOptions {
  readonly main: RefObject<HTMLElement | null>;
  readonly onKeyboard: () => void;
}

/** Does what an entry of the palette stands for, as the button for it does. */
export function useDeeds({ main, onKeyboard }: DeedOptions): (deed: Deed) => void {
  const actions = useActions();
  const call = useCall();
  const { onSwitch } = useHostSwitches();
  const copies = useGatewayCopies();
  return useCallback(
    (deed) => {
      switch (deed.kind) {
        case 'go':
          // A row that is named takes the focus itself.
          if (deed.place.id === undefined || deed.place.view === 'settings') main.current?.focus();
          return reveal(deed.place);
        case 'call':
          return void call(deed.call.name, deed.call.input);
        case 'copy':
          return void actions.copy(deed.text, deed.what);
        case 'change':
          return void actions.changeSettings(deed.change);
        case 'switch-off':
          return onSwitch([deed.alias], false);
        case 'close':
          return void actions.closeForward(deed.forwardId);
        case 'copy-for-client':
          return void copies.forClient(deed.client, deed.model);
        case 'close-all':
          return void actions.closeAllForwards();
        case 'keyboard':
          return onKeyboard();
        default:
          return assertNever(deed);
      }
    },
    [actions, call, copies, main, onKeyboard, onSwitch],
  );
}
