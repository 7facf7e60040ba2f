import { Icon } from '../icons/Icon.tsx';
import { useActions } from '../state/services.ts';

/** A command line to read and to copy. `what` names it: "ssh command". */
export function Command({ text, what }: { readonly text: string; readonly what: string }) {
  const actions = useActions();
  return (
    <span className="command">
      <code className="command-text" title={text}>
        {text}
      </code>
      <button
        type="button"
        className="icon-button"
        title={`Copy ${what}`}
        aria-label={`Copy ${what}: ${text}`}
        onClick={() => void actions.copy(text, what)}
      >
        <Icon name="copy" />
      </button>
    </span>
  );
}
