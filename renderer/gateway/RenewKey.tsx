import { useState } from 'react';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { useWords } from '../state/language.ts';
import { useServices } from '../state/services.ts';
import { useCall } from '../state/use-call.ts';
import { gatewayWords } from './words.ts';

/** Gives the gateway another key, once the person has said yes. */
export function RenewKey() {
  const { toasts } = useServices();
  const call = useCall();
  const words = useWords(gatewayWords);
  const [asks, setAsks] = useState(false);
  const renew = async () => {
    const answer = await call('gateway.renewKey', {});
    if (answer !== undefined)
      toasts.show({ kind: 'done', title: words.renewed, hint: words.renewedHint, detail: '' });
  };
  return (
    <>
      <button type="button" className="button" onClick={() => setAsks(true)}>
        {words.renew}
      </button>
      {asks && (
        <ConfirmDialog
          title={words.renewTitle}
          confirm={words.renew}
          onConfirm={renew}
          onClose={() => setAsks(false)}
        >
          <p>{words.renewWhat}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
