import { type RefObject, useEffect, useState } from 'react';
import { isPaletteChord } from '../keyboard/keys.ts';
import { Palette } from './Palette.tsx';
import { useDeeds } from './use-deeds.ts';

interface Props {
  readonly main: RefObject<HTMLElement | null>;
  readonly onKeyboard: () => void;
}

/** Shows the palette for Ctrl+K, or Command+K; from fields too, but not over a dialog. */
export function PalettePlace({ main, onKeyboard }: Props) {
  const [open, setOpen] = useState(false);
  const onDo = useDeeds({ main, onKeyboard });
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
  return open && <Palette onClose={() => setOpen(false)} onDo={onDo} />;
}
