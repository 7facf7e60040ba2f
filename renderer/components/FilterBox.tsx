import { type RefObject, useEffect } from 'react';
import { Icon } from '../icons/Icon.tsx';
import { isFreeKey } from '../keyboard/keys.ts';
import { useWords } from '../state/language.ts';
import { frameWords } from './words.ts';

interface Props {
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  readonly input: RefObject<HTMLInputElement | null>;
}

/** One filter for all views. `/` focuses it from anywhere but another field, Escape clears it. */
export function FilterBox({ filter, onFilter, input }: Props) {
  const words = useWords(frameWords);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== '/' || !isFreeKey(event)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [input]);

  return (
    <div className="filter">
      <Icon name="search" />
      <input
        ref={input}
        className="filter-input"
        type="text"
        aria-label={words.filterLabel}
        aria-keyshortcuts="/"
        placeholder={words.filter}
        autoComplete="off"
        spellCheck={false}
        value={filter}
        onChange={(event) => onFilter(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onFilter('');
        }}
      />
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
    </div>
  );
}
