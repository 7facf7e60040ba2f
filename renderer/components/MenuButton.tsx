import { type ReactNode, useId, useRef, useState } from 'react';
import { Menu, type MenuEntry } from './Menu.tsx';

interface Props {
  /** The accessible name of the button, and of its menu. */
  readonly label: string;
  readonly className: string;
  readonly entries: readonly MenuEntry[];
  readonly children: ReactNode;
}

/** A button with a {@link Menu}; up and down open it as well. */
export function MenuButton({ label, className, entries, children }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = (refocus: boolean) => {
    setOpen(false);
    if (refocus) button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        title={label}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {children}
      </button>
      {open && (
        <Menu
          id={id}
          label={label}
          entries={entries}
          anchor={button}
          flush="end"
          inside={[button]}
          onClose={close}
        />
      )}
    </>
  );
}
