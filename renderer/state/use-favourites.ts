import { useCallback } from 'react';
import type { Settings } from '#common/settings.ts';
import { useActions, useAppState } from './services.ts';

export type FavouriteKind = keyof Settings['favourites'];

/** Whether a host, by its alias, or a model, by its id, is a favourite. */
export function useIsFavourite(kind: FavouriteKind, name: string): boolean {
  return useAppState(({ snapshot }) => snapshot?.settings.favourites[kind].includes(name) ?? false);
}

/** Makes it a favourite, or one no more. */
export function useSetFavourite(): (kind: FavouriteKind, name: string, wanted: boolean) => void {
  const actions = useActions();
  return useCallback(
    (kind, name, wanted) =>
      void actions.changeSettings(({ favourites }) => {
        const others = favourites[kind].filter((one) => one !== name);
        return { favourites: { ...favourites, [kind]: wanted ? [...others, name] : others } };
      }),
    [actions],
  );
}
