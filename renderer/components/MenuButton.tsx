import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { Icon } from '../icons/Icon.tsx';
import { useCloseFromOutside, usePlacement } from './floating.ts';

export type MenuEntry = {
  readonly label: string;
  /** Set apart from the entries before it. */
  readonly apart?: boolean;
  /** Set for one of several choices; says whether it is the chosen one. */
  readonly checked?: boolean;
} & (
  | { readonly onSelect: () => void }
  /** Opens this address in a tab of its own. */
  | { readonly href: string }
);

interface Props {
  /** The accessible name of the button, and of its menu. */
  readonly label: string;
  readonly className: string;
  readonly entries: readonly MenuEntry[];
  readonly children: ReactNode;
}

/** A button with a menu by the WAI-ARIA pattern: arrows, Home, End and first letters move, Escape and Tab close. */
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
      {open && <Menu id={id} label={label} entries={entries} button={button} onClose={close} />}
    </>
  );
}

interface MenuProps {
  readonly id: string;
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  readonly button: React.RefObject<HTMLButtonElement | null>;
  readonly onClose: (refocus: boolean) => void;
}

function Menu({ id, label, entries, button, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  usePlacement(menu, button, 'end');
  useCloseFromOutside([menu, button], () => onClose(false));
  useEffect(() => items(menu.current)[0]?.focus(), []);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Tab') {
      onClose(false);
      return;
    }
    if (event.key === 'Escape') onClose(true);
    else if (event.key === ' ' && event.target instanceof HTMLAnchorElement) event.target.click();
    else if (!moveFocus(items(menu.current), event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={menu}
      id={id}
      className="menu"
      popover="manual"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      onKeyDown={onKeyDown}
    >
      {entries.map((entry) => (
        <Item key={entry.label} entry={entry} onClose={onClose} />
      ))}
    </div>
  );
}

function Item({ entry, onClose }: { readonly entry: MenuEntry } & Pick<MenuProps, 'onClose'>) {
  const { label, apart, checked } = entry;
  const common = {
    className: 'menu-item',
    'data-apart': apart,
    tabIndex: -1,
    onPointerMove: (event: PointerEvent<HTMLElement>) => event.currentTarget.focus(),
    ...(checked === undefined ? { role: 'menuitem' } : { role: 'menuitemradio', 'aria-checked': checked }),
  };
  if ('href' in entry) {
    return (
      <a
        {...common}
        href={entry.href}
        target="_blank"
        rel="noopener noreferrer"
        onClick={() => onClose(true)}
      >
        {label}
      </a>
    );
  }
  return (
    <button
      {...common}
      type="button"
      onClick={() => {
        onClose(true);
        entry.onSelect();
      }}
    >
      {checked !== undefined && <span className="menu-check">{checked && <Icon name="check" />}</span>}
      {label}
    </button>
  );
}

function items(menu: HTMLElement | null): readonly HTMLElement[] {
  return [...(menu?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
}

/** Moves the focus for a key that a menu knows; answers whether it was one. */
function moveFocus(all: readonly HTMLElement[], key: string): boolean {
  const current = document.activeElement instanceof HTMLElement ? all.indexOf(document.activeElement) : -1;
  const target = targetOf(all, key, current);
  target?.focus();
  return target !== undefined;
}

function targetOf(all: readonly HTMLElement[], key: string, current: number): HTMLElement | undefined {
  if (key === 'ArrowDown') return all[(current + 1) % all.length];
  if (key === 'ArrowUp') return all.at(current <= 0 ? -1 : current - 1);
  if (key === 'Home') return all[0];
  if (key === 'End') return all.at(-1);
  if (key.length !== 1 || key === ' ') return undefined;
  const after = [...all.slice(current + 1), ...all.slice(0, current + 1)];
  return after.find((item) => item.textContent.toLowerCase().startsWith(key.toLowerCase()));
}
