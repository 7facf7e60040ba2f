import { type KeyboardEvent, type RefObject, useId, useRef, useState } from 'react';
import { ListboxInput } from '../components/Listbox.tsx';
import { FilterHelp } from '../filter/FilterHelp.tsx';
import { FilterTerms, faultsId } from '../filter/FilterTerms.tsx';
import { Suggestions } from '../filter/Suggestions.tsx';
import { Icon } from '../icons/Icon.tsx';
import { frameWords } from '../lib/frame-words.ts';
import { parseQuery, pieceBefore, withoutTerm } from '../lib/query.ts';
import { complete, type Suggestion } from '../lib/suggest.ts';
import { useWords } from '../state/language.ts';
import { useServices } from '../state/services.ts';
import css from './FilterBox.module.css';

interface Props {
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  readonly input: RefObject<HTMLInputElement | null>;
}

/**
 * One filter for all views: the terms before the latest one are chips, the latest is the text of the box. `/` focuses it from
 * anywhere but another field; arrows go through what it suggests, Enter takes one, Escape puts the list away and then clears.
 */
export function FilterBox({ filter, onFilter, input }: Props) {
  const words = useWords(frameWords);
  const box = useRef<HTMLDivElement>(null);
  const listId = useId();
  // Where the term begins that is being typed.
  const from = pieceBefore(filter, filter.length);
  const suggestions = useSuggestions(filter, onFilter, { input, from });
  const isUnusable = parseQuery(filter).some(({ kind }) => kind === 'unusable');
  return (
    <div className={css.filter} ref={box}>
      <Icon name="search" />
      <FilterTerms
        terms={parseQuery(filter.slice(0, from))}
        onRemove={(term) => {
          onFilter(withoutTerm(filter, term));
          input.current?.focus();
        }}
      />
      <ListboxInput
        ref={input}
        data-filter
        className="filter-input"
        label={words.filterLabel}
        list={{ id: listId, isOpen: suggestions.open, active: suggestions.active }}
        aria-keyshortcuts="/"
        aria-invalid={isUnusable}
        aria-describedby={isUnusable ? faultsId : undefined}
        placeholder={filter === '' ? words.filter : undefined}
        value={filter.slice(from)}
        onChange={(event) => {
          onFilter(filter.slice(0, from) + event.target.value);
          suggestions.offer();
        }}
        onBlur={suggestions.close}
        onKeyDown={suggestions.onKeyDown}
      />
      {suggestions.open && (
        <Suggestions
          id={listId}
          anchor={box}
          suggestions={suggestions.list}
          active={suggestions.active}
          onTake={suggestions.take}
        />
      )}
      {filter === '' ? (
        <span className={css.key} aria-hidden="true">
          /
        </span>
      ) : (
        <button
          type="button"
          className="icon-button"
          aria-label={words.clearFilter}
          onClick={() => {
            onFilter('');
            input.current?.focus();
          }}
        >
          <Icon name="close" />
        </button>
      )}
      <FilterHelp
        onAdd={(form) => {
          onFilter(filter.trim() === '' ? form : `${filter.trim()} ${form}`);
          input.current?.focus();
        }}
      />
    </div>
  );
}

/** `all` was asked for by an arrow key: also where nothing is typed yet. */
type Offer = { readonly kind: 'none' } | { readonly kind: 'typed' | 'all'; readonly caret: number };

/** What is offered for the term at the caret, and the keys that go through it. */
function useSuggestions(
  filter: string,
  onFilter: (filter: string) => void,
  { input, from }: { readonly input: Props['input']; readonly from: number },
) {
  const { store } = useServices();
  const [offer, setOffer] = useState<Offer>({ kind: 'none' });
  const [chosen, setChosen] = useState<number | null>(null);
  const { snapshot } = store.get();
  const completion =
    offer.kind === 'none' || snapshot === null
      ? null
      : complete(filter, offer.caret, { snapshot, all: offer.kind === 'all' });
  const list = completion?.suggestions ?? [];
  const active = chosen !== null && chosen < list.length ? chosen : null;

  const show = (next: Offer) => {
    setOffer(next);
    setChosen(null);
  };
  const caret = () => from + (input.current?.selectionStart ?? filter.length - from);
  const take = ({ text, whole }: Suggestion) => {
    if (completion === null) return;
    const before = `${filter.slice(0, completion.from)}${text}${whole ? ' ' : ''}`;
    onFilter(`${before}${filter.slice(completion.to).trimStart()}`);
    show({ kind: 'typed', caret: before.length });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      if (list.length === 0) show({ kind: 'all', caret: caret() });
      // Past either end comes the box itself.
      else setChosen(wrap((active ?? (step > 0 ? -1 : list.length)) + step, list.length));
    } else if (event.key === 'Enter' && active !== null) {
      const suggestion = list[active];
      if (suggestion !== undefined) take(suggestion);
    } else if (event.key === 'Backspace' && from === filter.length && from > 0) {
      // The chip before the empty box becomes its text again.
      onFilter(filter.trimEnd());
    } else if (event.key === 'Escape') {
      if (list.length > 0) show({ kind: 'none' });
      else onFilter('');
    } else return;
    event.preventDefault();
  };
  return {
    open: list.length > 0,
    list,
    active,
    offer: () => show({ kind: 'typed', caret: caret() }),
    close: () => show({ kind: 'none' }),
    take,
    onKeyDown,
  };
}

function wrap(index: number, length: number): number | null {
  return index < 0 || index >= length ? null : index;
}
