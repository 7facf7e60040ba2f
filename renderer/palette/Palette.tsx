import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Dialog } from '../components/Dialog.tsx';
import { Listbox, ListboxInput } from '../components/Listbox.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useFormats, useLanguage, useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import { type PaletteEntry, paletteEntries } from './entries.ts';
import { matchEntries } from './match.ts';
import css from './Palette.module.css';
import { type DeedOptions, useDeeds } from './use-deeds.ts';
import { paletteWords } from './words.ts';

interface Props extends DeedOptions {
  readonly onClose: () => void;
}

/**
 * Every view, host, model, forward and action by a few letters, after the WAI-ARIA combobox with a listbox: the focus stays in
 * the box, arrows, Home, End and the page keys go through the list, Enter does what is marked, Escape closes.
 */
export function Palette({ onClose, ...options }: Props) {
  const onDo = useDeeds(options);
  const snapshot = useSnapshot();
  const language = useLanguage();
  const words = useWords(paletteWords);
  const { whole } = useFormats();
  // As it was when the palette opened: nothing moves while one looks for it.
  const [entries] = useState(() =>
    paletteEntries(snapshot, { language, isDesktop: window.vllmTray !== undefined }),
  );
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const box = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  const ids = { list: useId(), status: useId() };
  const { shown, all } = matchEntries(entries, typed);
  const run = (entry: PaletteEntry | undefined) => {
    if (entry === undefined) return;
    // What it does comes when the palette has closed and the focus is back.
    flushSync(onClose);
    onDo(entry.does);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = steps[event.key]?.(active, shown.length);
    if (next !== undefined) setActive(Math.max(0, next));
    else if (event.key === 'Enter') run(shown[active]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={words.title} onClose={onClose}>
      <div className={css.palette}>
        <span className={css.box}>
          <Icon name="search" />
          <ListboxInput
            ref={box}
            className="filter-input"
            label={words.placeholder}
            list={{ id: ids.list, isOpen: shown.length > 0, active }}
            aria-describedby={ids.status}
            placeholder={words.placeholder}
            value={typed}
            onChange={({ target }) => {
              setTyped(target.value);
              setActive(0);
            }}
            onKeyDown={onKeyDown}
          />
        </span>
        <Listbox
          ref={list}
          id={ids.list}
          label={words.results}
          className={css.list}
          items={shown}
          keyOf={({ id }) => id}
          active={active}
          onPick={run}
        >
          {({ title, detail, kind }) => (
            <span className={css.entry}>
              <span className="cut" title={title}>
                {title}
              </span>
              <span className="dim small cut" title={detail}>
                {detail}
              </span>
              <span className="dim small">{words.kinds[kind]}</span>
            </span>
          )}
        </Listbox>
        <p className="dim small" id={ids.status} role="status">
          {shown.length === 0 && words.nothing}
          {shown.length < all && words.more(whole(shown.length), whole(all))}
        </p>
      </div>
    </Dialog>
  );
}

const page = 8;

/** Where a key leads from the marked entry; the ends are joined for the arrows alone. */
const steps: Readonly<Record<string, (at: number, length: number) => number>> = {
  ArrowDown: (at, length) => (at + 1 >= length ? 0 : at + 1),
  ArrowUp: (at, length) => (at === 0 ? length - 1 : at - 1),
  PageDown: (at, length) => Math.min(length - 1, at + page),
  PageUp: (at) => at - page,
};
