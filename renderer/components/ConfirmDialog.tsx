import { type ReactNode, useState } from 'react';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { DialogForm } from './DialogForm.tsx';

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
    setBusy(true);
    await onConfirm();
    onClose();
  };
  return (
    <DialogForm
      title={title}
      cancel={words.notNow}
      onClose={onClose}
      submit={confirm}
      isDanger
      isOff={busy}
      onSubmit={() => void go()}
    >
      {children}
    </DialogForm>
  );
}
