import { type ReactNode, useState } from 'react';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { Dialog } from './Dialog.tsx';

interface Props {
  readonly title: string;
  /** What happens, in full. */
  readonly children: ReactNode;
  /** The button that does it: "End session". */
  readonly confirm: string;
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before something is done that cannot be taken back. It stays until that is done. */
export function ConfirmDialog({ title, children, confirm, onConfirm, onClose }: Props) {
  const words = useWords(frameWords);
  const [busy, setBusy] = useState(false);
  const go = async () => {
    if (busy) return;
    setBusy(true);
    await onConfirm();
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog-body">
        {children}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {words.notNow}
          </button>
          <button
            type="button"
            className="button button-danger"
            aria-disabled={busy}
            onClick={() => void go()}
          >
            {confirm}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
