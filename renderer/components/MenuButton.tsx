import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { Icon } from '../icons/Icon.tsx';

export interface MenuEntry {
  readonly label: string;
  readonly onSelect: () => void;
  /** Set apart from the entries before it. */
  readonly apart?: boolean;
  /** Set for one of several choices; says whether it is the chosen one. */
  readonly checked?: boolean;
}

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
  usePlacement(menu, button);
  useCloseFromOutside(menu, button, onClose);
  useEffect(() => items(menu.current)[0]?.focus(), []);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Tab') {
      onClose(false);
      return;
    }
    if (event.key === 'Escape') onClose(true);
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
        <button
          key={entry.label}
          type="button"
          className="menu-item"
          data-apart={entry.apart}
          tabIndex={-1}
          {...(entry.checked === undefined
            ? { role: 'menuitem' }
            : { role: 'menuitemradio', 'aria-checked': entry.checked })}
          onPointerMove={(event) => event.currentTarget.focus()}
          onClick={() => {
            onClose(true);
            entry.onSelect();
          }}
        >
          {entry.checked !== undefined && (
            <span className="menu-check">{entry.checked && <Icon name="check" />}</span>
          )}
          {entry.label}
        </button>
      ))}
    </div>
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

/** Below the button and flush with its right edge; above it, or further right, where the window ends. Follows a scroll. */
export function usePlacement(
  menu: React.RefObject<HTMLElement | null>,
  button: React.RefObject<HTMLElement | null>,
): void {
  useLayoutEffect(() => {
    const place = () => {
      if (menu.current === null || button.current === null) return;
      const anchor = button.current.getBoundingClientRect();
      const { width, height } = menu.current.getBoundingClientRect();
      const gap = 4;
      const left = Math.max(gap, Math.min(anchor.right - width, window.innerWidth - width - gap));
      const below = anchor.bottom + gap;
      const top = below + height > window.innerHeight ? Math.max(gap, anchor.top - gap - height) : below;
      menu.current.style.left = `${left}px`;
      menu.current.style.top = `${top}px`;
    };
    // In the top layer no ancestor clips or covers it; browsers without popovers show it all the same.
    menu.current?.showPopover?.();
    place();
    document.addEventListener('scroll', place, true);
    window.addEventListener('resize', place);
    return () => {
      document.removeEventListener('scroll', place, true);
      window.removeEventListener('resize', place);
    };
  }, [menu, button]);
}

/** Calls `onClose` for a press anywhere but on the menu and its button. */
export function useCloseFromOutside(
  menu: React.RefObject<HTMLElement | null>,
  button: React.RefObject<HTMLElement | null>,
  onClose: (refocus: boolean) => void,
): void {
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    const onPress = ({ target }: Event) => {
      const inside = target instanceof Node && [menu, button].some((ref) => ref.current?.contains(target));
      if (!inside) close.current(false);
    };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, [menu, button]);
}
