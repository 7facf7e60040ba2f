import { useWords } from '../state/language.ts';
import { frameWords } from './words.ts';

/** Past the rail and the header, for the keyboard. A button, because the address names the view. */
export function SkipLink({ to }: { readonly to: React.RefObject<HTMLElement | null> }) {
  const words = useWords(frameWords);
  return (
    <button type="button" className="button skip" onClick={() => to.current?.focus()}>
      {words.skip}
    </button>
  );
}
