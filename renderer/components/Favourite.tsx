import { Icon } from '../icons/Icon.tsx';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { type FavouriteKind, useIsFavourite, useSetFavourite } from '../state/use-favourites.ts';
import css from './Favourite.module.css';
import type { MenuEntry } from './Menu.tsx';

interface Props {
  readonly kind: FavouriteKind;
  readonly name: string;
}

export function FavouriteStar() {
  const words = useWords(frameWords);
  return (
    <span className={css.star} title={words.favourite}>
      <Icon name="star" />
      <span className="visually-hidden">{`${words.favourite}, `}</span>
    </span>
  );
}

/** The star of a favourite; nothing of any other. */
export function FavouriteMark({ kind, name }: Props) {
  return useIsFavourite(kind, name) && <FavouriteStar />;
}

/** Makes it a favourite, which stands on top, or one no more. */
export function useFavouriteEntry({ kind, name }: Props): MenuEntry {
  const words = useWords(frameWords);
  const set = useSetFavourite();
  const is = useIsFavourite(kind, name);
  return {
    label: is ? words.removeFavourite : words.addFavourite,
    apart: true,
    onSelect: () => set(kind, name, !is),
  };
}
