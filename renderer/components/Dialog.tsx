import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import css from './Dialog.module.css';

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  /** For long text. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** A modal dialog: the page behind it is inert, Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, onClose, wide = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before it leaves the page: one that is gone gives no focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={css.dialog}
      data-wide={wide}
      aria-labelledby={titleId}
      onCancel={(event) => {
        // Closed by what it shows, not by the browser.
        event.preventDefault();
        onClose();
      }}
    >
      <h2 className={css.title} id={titleId}>
        {title}
      </h2>
      {children}
    </dialog>
  );
}
