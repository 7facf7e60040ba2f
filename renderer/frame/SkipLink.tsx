import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import css from './SkipLink.module.css';

/** Past the rail and the header, for the keyboard. A button, because the address names the view. */
export function SkipLink({ to }: { readonly to: React.RefObject<HTMLElement | null> }) {
  const words = useWords(frameWords);
  return (
    <button type="button" className={`button ${css.skip}`} onClick={() => to.current?.focus()}>
      {words.skip}
    </button>
  );
}
