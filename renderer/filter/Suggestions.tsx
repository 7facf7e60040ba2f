import { useEffect, useRef } from 'react';
import { usePlacement } from '../components/floating.ts';
import type { Suggestion } from '../lib/suggest.ts';
import { useWords } from '../state/language.ts';
import css from './Suggestions.module.css';
import { filterWords } from './words.ts';

interface Props {
  readonly id: string;
  readonly anchor: React.RefObject<HTMLElement | null>;
  readonly suggestions: readonly Suggestion[];
  /** The one that Enter takes; null: none. */
  readonly active: number | null;
  readonly onTake: (suggestion: Suggestion) => void;
}

export function optionId(id: string, index: number): string {
  return `${id}-${index}`;
}

/** The list below the filter box. The focus stays in the box, which names the active option. */
export function Suggestions({ id, anchor, suggestions, active, onTake }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const words = useWords(filterWords);
  usePlacement(list, anchor, 'start');
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  });
  return (
    <div
      ref={list}
      id={id}
      className={`popover ${css.suggestions}`}
      popover="manual"
      role="listbox"
      aria-label={words.suggestions}
    >
      {suggestions.map((suggestion, index) => (
        <div
          key={suggestion.text}
          id={optionId(id, index)}
          className={css.suggestion}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          onPointerDown={(event) => {
            // The focus stays where it is.
            event.preventDefault();
            onTake(suggestion);
          }}
        >
          <code>{suggestion.text}</code>
        </div>
      ))}
    </div>
  );
}
