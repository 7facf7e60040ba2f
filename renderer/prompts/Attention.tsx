import { useState } from 'react';
import type { Snapshot } from '#common/model.ts';
import { canLogIn, waitingKeys } from '#common/select.ts';
import { useWords } from '../state/language.ts';
import { useActions, useAppState } from '../state/services.ts';
import { HostKeysDialog } from './HostKeysDialog.tsx';
import { promptWords } from './words.ts';

/** What waits for a person: unknown host keys and logins. Opens nothing by itself. */
export function Attention() {
  const snapshot = useAppState((state) => state.snapshot);
  if (snapshot === null || snapshot.scan.kind === 'running') return null;
  return <Waiting snapshot={snapshot} />;
}

function Waiting({ snapshot }: { readonly snapshot: Snapshot }) {
  const actions = useActions();
  const [reviewing, setReviewing] = useState(false);
  const words = useWords(promptWords);
  const keys = waitingKeys(snapshot).length;
  const logins = snapshot.hosts.filter(canLogIn);
  if (keys === 0 && logins.length === 0) return null;
  return (
    <section className="attention" aria-label={words.waitingForYou}>
      {keys > 0 && (
        <p className="attention-item">
          {words.keysUnknown(keys)}
          <button type="button" className="button" onClick={() => setReviewing(true)}>
            {words.review}
          </button>
        </p>
      )}
      {logins.length > 0 && (
        <p className="attention-item">
          {logins.length === 1 ? words.needsLogin(logins[0]?.alias ?? '') : words.needLogins(logins.length)}
          <button
            type="button"
            className="button"
            onClick={() => void actions.logIn(logins.map(({ id }) => id))}
          >
            {logins.length === 1 ? words.logIn : words.logInToAll}
          </button>
        </p>
      )}
      {reviewing && keys > 0 && <HostKeysDialog onClose={() => setReviewing(false)} />}
    </section>
  );
}
