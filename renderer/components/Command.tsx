import { Icon } from '../icons/Icon.tsx';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import css from './Command.module.css';

/** A command line to read and to copy. `what` names it: "ssh command". */
export function Command({ text, what }: { readonly text: string; readonly what: string }) {
  const actions = useActions();
  const words = useWords(frameWords);
  return (
    <span className={css.command}>
      <code className={css.text} title={text}>
        {text}
      </code>
      <button
        type="button"
        className="icon-button"
        title={words.copy(what)}
        aria-label={`${words.copy(what)}: ${text}`}
        onClick={() => void actions.copy(text, what)}
      >
        <Icon name="copy" />
      </button>
    </span>
  );
}
