import { useRef, useState } from 'react';
import { waitingKeys } from '#common/select/hosts.ts';
import { canLogIn } from '#common/select/remedies.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { useWords } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import css from './Attention.module.css';
import { HostKeysDialog } from './HostKeysDialog.tsx';
import { promptWords } from './words.ts';

/**
 * What waits for a person: unknown host keys and logins. Opens nothing unasked. While a scan runs it is what waited before, so
 * that nothing below moves.
 */
export function Attention() {
  const snapshot = useAppState((state) => state.snapshot);
  const still = useRef<Snapshot>(null);
  if (snapshot?.scan.kind !== 'running') still.current = snapshot;
  return still.current && <Waiting snapshot={still.current} />;
}

function Waiting({ snapshot }: { readonly snapshot: Snapshot }) {
  const call = useCall();
  const [reviewing, setReviewing] = useState(false);
  const words = useWords(promptWords);
  const keys = waitingKeys(snapshot).length;
  const logins = snapshot.hosts.filter(canLogIn);
  if (keys === 0 && logins.length === 0) return null;
  return (
    <section className={css.attention} aria-label={words.waitingForYou}>
      {keys > 0 && (
        <p className={css.item}>
          {words.keysUnknown(keys)}
          <button type="button" className="button" onClick={() => setReviewing(true)}>
            {words.review}
          </button>
        </p>
      )}
      {logins.length > 0 && (
        <p className={css.item}>
          {logins.length === 1 ? words.needsLogin(logins[0]?.alias ?? '') : words.needLogins(logins.length)}
          <button
            type="button"
            className="button"
            onClick={() => void call('host.login', { hostIds: logins.map(({ id }) => id) })}
          >
            {logins.length === 1 ? words.logIn : words.logInToAll}
          </button>
        </p>
      )}
      {reviewing && keys > 0 && <HostKeysDialog onClose={() => setReviewing(false)} />}
    </section>
  );
}
