import { useState } from 'react';
import { count } from '#common/format.ts';
import type { Snapshot } from '#common/model.ts';
import { canLogIn, waitingKeys } from '#common/select.ts';
import { useActions, useAppState } from '../state/services.ts';
import { HostKeysDialog } from './HostKeysDialog.tsx';

/** What waits for a person: unknown host keys and logins. Opens nothing by itself. */
export function Attention() {
  const snapshot = useAppState((state) => state.snapshot);
  if (snapshot === null || snapshot.scan.kind === 'running') return null;
  return <Waiting snapshot={snapshot} />;
}

function Waiting({ snapshot }: { readonly snapshot: Snapshot }) {
  const actions = useActions();
  const [reviewing, setReviewing] = useState(false);
  const keys = waitingKeys(snapshot).length;
  const logins = snapshot.hosts.filter(canLogIn);
  if (keys === 0 && logins.length === 0) return null;
  return (
    <section className="attention" aria-label="Waiting for you">
      {keys > 0 && (
        <p className="attention-item">
          {count(keys, 'host key')} not known yet
          <button type="button" className="button" onClick={() => setReviewing(true)}>
            Review
          </button>
        </p>
      )}
      {logins.length > 0 && (
        <p className="attention-item">
          {logins.length === 1 ? `${logins[0]?.alias} needs a login` : `${logins.length} hosts need a login`}
          <button
            type="button"
            className="button"
            onClick={() => void actions.logIn(logins.map(({ id }) => id))}
          >
            {logins.length === 1 ? 'Log in' : 'Log in to all'}
          </button>
        </p>
      )}
      {reviewing && keys > 0 && <HostKeysDialog onClose={() => setReviewing(false)} />}
    </section>
  );
}
