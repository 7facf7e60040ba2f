import type { Host } from '#common/model.ts';
import { canLogIn } from '#common/select.ts';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { promptWords } from './words.ts';

/** Logs in to a host that wants a person for it; nothing for any other host. */
export function LogIn({ host }: { readonly host: Host }) {
  const actions = useActions();
  const words = useWords(promptWords);
  if (!canLogIn(host)) return null;
  return (
    <button
      type="button"
      className="button"
      aria-label={words.logInTo(host.alias)}
      onClick={() => void actions.logIn([host.id])}
    >
      {words.logIn}
    </button>
  );
}
