import { type ComponentProps, type ReactNode, type RefObject, useEffect } from 'react';
import css from './Listbox.module.css';

interface Props<Item> {
  readonly ref: RefObject<HTMLDivElement | null>;
  readonly id: string;
  /** Its accessible name. */
  readonly label: string;
  readonly className: string | undefined;
  readonly popover?: 'manual';
  readonly items: readonly Item[];
  /** Unique among the items. */
  readonly keyOf: (item: Item) => string;
  /** The one that Enter takes; null: none. */
  readonly active: number | null;
  readonly onPick: (item: Item) => void;
  readonly children: (item: Item) => ReactNode;
}

/** The id of an option, by which the box of the list names the active one. */
function optionId(listId: string, index: number): string {
  return `${listId}-${index}`;
}

interface BoxProps extends Omit<ComponentProps<'input'>, 'type' | 'role' | 'list'> {
  readonly label: string;
  /** Its list; `active` is the option that Enter takes. */
  readonly list: { readonly id: string; readonly isOpen: boolean; readonly active: number | null };
}

/** The box of a combobox: names, hosts and filters are no prose. */
export function ListboxInput({ label, list: { id, isOpen, active }, ...rest }: BoxProps) {
  return (
    <input
      {...rest}
      type="text"
      role="combobox"
      aria-label={label}
      aria-autocomplete="list"
      aria-expanded={isOpen}
      aria-controls={isOpen ? id : undefined}
      aria-activedescendant={isOpen && active !== null ? optionId(id, active) : undefined}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
    />
  );
}

/** The list of a combobox, after the WAI-ARIA pattern: the focus stays in its box. */
export function Listbox<Item>({ ref, label, items, keyOf, active, onPick, children, ...place }: Props<Item>) {
  useEffect(() => {
    if (active !== null) ref.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [ref, active]);
  return (
    <div ref={ref} {...place} role="listbox" tabIndex={-1} aria-label={label}>
      {items.map((item, index) => (
        <div
          key={keyOf(item)}
          id={optionId(place.id, index)}
          className={css.option}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          // The focus stays where it is.
          onPointerDown={(event) => event.preventDefault()}
          onPointerUp={() => onPick(item)}
        >
          {children(item)}
        </div>
      ))}
    </div>
  );
}
