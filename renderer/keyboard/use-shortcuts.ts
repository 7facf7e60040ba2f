import { useEffect, useRef } from 'react';
import { type Place, views } from '#common/place.ts';
import { reveal } from '../state/route.ts';
import { useServices } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { isFreeKey, keyOf, viewKeys } from './keys.ts';
import { moveInRows } from './rows.ts';

/** How long after `g` its second key may come. */
const secondKeyMs = 1500;

/** The shortcuts of the whole window, see {@link KeyboardSheet}. */
export function useShortcuts(main: React.RefObject<HTMLElement | null>, onSheet: () => void): void {
  const { toasts, store } = useServices();
  const call = useCall();
  const openSheet = useRef(onSheet);
  useEffect(() => {
    openSheet.current = onSheet;
  });
  useEffect(() => {
    let goneAt: number | null = null;
    const goTo = (place: Place) => {
      reveal(place);
      // The next Tab begins in the view that was asked for.
      main.current?.focus();
    };
    const rescan = () => {
      const { snapshot } = store.get();
      if (snapshot !== null && snapshot.scan.kind !== 'running') void call('scan.start', {});
    };

    /** Answers whether the key meant something. */
    const press = (event: KeyboardEvent, afterG: boolean): boolean => {
      const key = keyOf(event);
      const view = views.find((one, index) => (afterG ? viewKeys[one] === key : String(index + 1) === key));
      if (view !== undefined) goTo({ view });
      else if (key === 'g') goneAt = event.timeStamp;
      else if (key === '?') openSheet.current();
      else if (key === 'r') rescan();
      else if (key === 'u') return toasts.act();
      else if (key === '/') return focusFilter();
      else return moveInRows(main.current, key);
      return true;
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (!isFreeKey(event)) return;
      const afterG = goneAt !== null && event.timeStamp - goneAt < secondKeyMs;
      goneAt = null;
      if (press(event, afterG)) event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [main, call, toasts, store]);
}

/** The filter of the header, or that of a view which has its own. */
function focusFilter(): boolean {
  const filter = document.querySelector<HTMLInputElement>('[data-filter]');
  filter?.focus();
  filter?.select();
  return filter !== null;
}
