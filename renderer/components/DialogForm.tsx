import type { ReactNode } from 'react';
import { Dialog } from './Dialog.tsx';

interface Props {
  readonly title: string;
  /** The words of the button that changes nothing; so does Escape. */
  readonly cancel: string;
  readonly onClose: () => void;
  /** The words of the button that does it. */
  readonly submit: string;
  /** What it does cannot be taken back. */
  readonly isDanger?: boolean;
  /** There is nothing to do yet, or it is being done. */
  readonly isOff?: boolean;
  /** Before the two buttons. */
  readonly beside?: ReactNode;
  readonly onSubmit: (form: HTMLFormElement) => void;
  readonly children: ReactNode;
}

/** A dialog with something to fill in or to confirm, and the two buttons below it. */
export function DialogForm(props: Props) {
  const {
    title,
    cancel,
    onClose,
    submit,
    isDanger = false,
    isOff = false,
    beside,
    onSubmit,
    children,
  } = props;
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="dialog-body"
        autoComplete="off"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isOff) onSubmit(event.currentTarget);
        }}
      >
        {children}
        <div className="dialog-actions">
          {beside}
          <button type="button" className="button" onClick={onClose}>
            {cancel}
          </button>
          <button
            type="submit"
            className={`button ${isDanger ? 'button-danger' : 'button-accent'}`}
            aria-disabled={isOff}
          >
            {submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** What was typed into the field of that name. */
export function typedIn(form: HTMLFormElement, name: string): string {
  return String(new FormData(form).get(name) ?? '');
}
