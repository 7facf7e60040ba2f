import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useCloseFromOutside, usePlacement } from './floating.ts';

interface Props {
  /** The accessible name of the button and of what it opens. */
  readonly label: string;
  readonly className: string;
  /** What is on the button. */
  readonly face: ReactNode;
  readonly flush: 'start' | 'end';
  /** What it opens; may close it. */
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens a small panel beside it. Escape and a press elsewhere close it; the page behind it stays usable. */
export function Popover({ label, className, face, flush, children }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        title={label}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {face}
      </button>
      {open && (
        <Panel
          id={id}
          label={label}
          flush={flush}
          button={button}
          onLeave={() => setOpen(false)}
          onClose={close}
        >
          {children(close)}
        </Panel>
      )}
    </>
  );
}

interface PanelProps extends Pick<Props, 'label' | 'flush'> {
  readonly id: string;
  readonly button: React.RefObject<HTMLButtonElement | null>;
  readonly onLeave: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

function Panel({ id, label, flush, button, onLeave, onClose, children }: PanelProps) {
  const panel = useRef<HTMLDivElement>(null);
  usePlacement(panel, button, flush);
  useCloseFromOutside([panel, button], onLeave);
  useEffect(() => {
    const first = panel.current?.querySelector<HTMLElement>('input, select, button');
    (first ?? panel.current)?.focus();
  }, []);
  return (
    <div
      ref={panel}
      id={id}
      className="popover"
      popover="manual"
      role="dialog"
      tabIndex={-1}
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      {children}
    </div>
  );
}
