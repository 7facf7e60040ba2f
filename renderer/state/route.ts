import { useSyncExternalStore } from 'react';

export const views = ['gpus', 'models', 'forwards'] as const;
export type View = (typeof views)[number];

/** What every view is given. */
export interface ViewProps {
  readonly filter: string;
  readonly onClearFilter: () => void;
}

/** The view named in the address after `#`, so that reload, back and a link from elsewhere find it again. */
export function useView(): View {
  return useSyncExternalStore(
    (changed) => {
      window.addEventListener('hashchange', changed);
      return () => window.removeEventListener('hashchange', changed);
    },
    () => views.find((view) => window.location.hash === `#${view}`) ?? 'gpus',
  );
}
