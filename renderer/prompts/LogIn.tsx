import type { Host } from '#common/model.ts';
import { canLogIn } from '#common/select.ts';
import { useActions } from '../state/services.ts';

/** Logs in to a host that wants a person for it; nothing for any other host. */
export function LogIn({ host }: { readonly host: Host }) {
  const actions = useActions();
  if (!canLogIn(host)) return null;
  return (
    <button type="button" className="button" onClick={() => void actions.logIn([host.id])}>
      Log in<span className="visually-hidden"> to {host.alias}</span>
    </button>
  );
}
