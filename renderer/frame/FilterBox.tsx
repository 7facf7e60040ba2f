import { type KeyboardEvent, type RefObject, useId, useRef, useState } from 'react';
import { FilterHelp } from '../filter/FilterHelp.tsx';
import { termsId } from '../filter/FilterTerms.tsx';
import { optionId, Suggestions } from '../filter/Suggestions.tsx';
import { Icon } from '../icons/Icon.tsx';
import { parseQuery } from '../lib/query.ts';
import { complete, type Suggestion } from '../lib/suggest.ts';
import { useWords } from '../state/language.ts';
import { useServices } from '../state/services.ts';
import { frameWords } from './words.ts';

interface Props {
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  readonly input: RefObject<HTMLInputElement | null>;
}

/**
 * One filter for all views. `/` focuses it from anywhere but another field; arrows go through what it suggests, Enter takes
 * one, Escape puts the list away and then clears.
 */
export function FilterBox({ filter, onFilter, input }: Props) {
  const words = useWords(frameWords);
  const box = useRef<HTMLDivElement>(null);
  const listId = useId();
  const suggestions = useSuggestions(filter, onFilter, input);
  const isUnusable = parseQuery(filter).some(({ kind }) => kind === 'unusable');
  return (
    <div className="filter" ref={box}>
      <Icon name="search" />
      <input
        ref={input}
        data-filter
        className="filter-input"
        type="text"
        role="combobox"
        aria-label={words.filterLabel}
        aria-keyshortcuts="/"
        aria-expanded={suggestions.open}
        aria-controls={suggestions.open ? listId : undefined}
        aria-activedescendant={suggestions.active === null ? undefined : optionId(listId, suggestions.active)}
        aria-autocomplete="list"
        aria-invalid={isUnusable}
        aria-describedby={isUnusable ? termsId : undefined}
        placeholder={words.filter}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={filter}
        onChange={(event) => {
          onFilter(event.target.value);
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
        <span className="filter-key" aria-hidden="true">
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
  input: RefObject<HTMLInputElement | null>,
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
  const caret = () => input.current?.selectionStart ?? filter.length;
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
