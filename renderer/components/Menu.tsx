import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef } from 'react';
import { Icon } from '../icons/Icon.tsx';
import { type Anchor, useCloseFromOutside, usePlacement } from './floating.ts';
import css from './Menu.module.css';

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

interface MenuProps {
  readonly id?: string;
  /** Its accessible name. */
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  readonly anchor: RefObject<Anchor | null>;
  readonly flush: 'start' | 'end';
  /** What a press on does not close it, beside the menu. */
  readonly inside: readonly RefObject<HTMLElement | null>[];
  /** `refocus`: the focus goes back to where it was. */
  readonly onClose: (refocus: boolean) => void;
}

/** A menu by the WAI-ARIA pattern: arrows, Home, End and first letters move, Escape and Tab close. */
export function Menu({ id, label, entries, anchor, flush, inside, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  usePlacement(menu, anchor, flush);
  useCloseFromOutside([menu, ...inside], () => onClose(false));
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
      className={css.menu}
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
    className: css.item,
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
      {checked !== undefined && <span className={css.check}>{checked && <Icon name="check" />}</span>}
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
