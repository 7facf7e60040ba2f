import { useState } from 'react';
import type { Forward } from '#common/forwards.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useWords } from '../state/language.ts';
import { useActions } from '../state/services.ts';
import { forwardWords } from './words.ts';

export function StopAll({ forwards }: { readonly forwards: readonly Forward[] }) {
  const actions = useActions();
  const words = useWords(forwardWords);
  const [asks, setAsks] = useState(false);
  const open = forwards.reduce((sum, { traffic }) => sum + traffic.openConnections, 0);
  return (
    <>
      <button type="button" className="button" onClick={() => setAsks(true)}>
        <Icon name="stop" />
        {words.stopAll}
      </button>
      {asks && (
        <ConfirmDialog
          title={words.stopAllTitle(forwards.length)}
          confirm={words.stopAllConfirm}
          onConfirm={actions.closeAllForwards}
          onClose={() => setAsks(false)}
        >
          <p>{words.stopAllWhat(forwards.length, open)}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
