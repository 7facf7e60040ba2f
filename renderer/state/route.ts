import { useSyncExternalStore } from 'react';
import { hashOf, type Place, placeOfHash, type View } from '#common/place.ts';

/** What every view is given. */
export interface ViewProps {
  readonly filter: string;
  readonly onClearFilter: () => void;
}

/** The view named in the address after `#`, so that reload, back and a link from another program find it again. */
export function useView(): View {
  return placeOfHash(useHash()).view;
}

/** The id of the row that the address names, for the view that it names; null where it names none. */
export function useRevealed(): string | null {
  return placeOfHash(useHash()).id ?? null;
}

/** Goes to a place; the same one again is shown again. */
export function reveal(place: Place): void {
  const hash = hashOf(place);
  if (window.location.hash === hash) window.dispatchEvent(new HashChangeEvent('hashchange'));
  else window.location.hash = hash;
}

function useHash(): string {
  return useSyncExternalStore(
    (changed) => {
      window.addEventListener('hashchange', changed);
      return () => window.removeEventListener('hashchange', changed);
    },
    () => window.location.hash,
  );
}
