import { type RefObject, useEffect, useState } from 'react';
import { later } from '../components/later.tsx';
import { isPaletteChord } from '../keyboard/keys.ts';

const Palette = later(async () => (await import('./Palette.tsx')).Palette);

interface Props {
  readonly main: RefObject<HTMLElement | null>;
  readonly onKeyboard: () => void;
}

/** Shows the palette for Ctrl+K, or Command+K; from fields too, but not over a dialog. */
export function PalettePlace(props: Props) {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      if (!isPaletteChord(event)) return;
      // The browser's own meaning is its search.
      event.preventDefault();
      if (document.querySelector('dialog[open]') === null) setOpen(true);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
  return open && <Palette onClose={() => setOpen(false)} {...props} />;
}
