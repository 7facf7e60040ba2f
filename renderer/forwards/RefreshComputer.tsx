import { useState } from 'react';
import { Icon } from '../icons/Icon.tsx';
import { useFormats, useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { sectionWords } from './section-words.ts';

/** Looks at this computer again, for other forwards and local servers alike, and says when that was done last. */
export function RefreshComputer() {
  const { lookedAt } = useSnapshot().otherForwards;
  const call = useCall();
  const words = useWords(sectionWords);
  const { time } = useFormats();
  const [busy, setBusy] = useState(false);
  const refresh = async () => {
    if (busy) return;
    setBusy(true);
    await call('localServers.refresh', {});
    setBusy(false);
  };
  return (
    <>
      <p className="dim small" role="status">
        {lookedAt === null ? words.notLooked : words.lookedAt(time(lookedAt))}
      </p>
      <button
        type="button"
        className="button"
        title={words.refreshWhat}
        aria-label={busy ? words.refreshing : words.refreshWhat}
        aria-disabled={busy}
        onClick={() => void refresh()}
      >
        <Icon name="rescan" />
        {busy ? words.refreshing : words.refresh}
      </button>
    </>
  );
}
