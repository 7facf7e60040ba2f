import { type RefObject, useRef } from 'react';
import { usePlacement } from '../components/floating.ts';
import { Listbox } from '../components/Listbox.tsx';
import type { Suggestion } from '../lib/suggest.ts';
import { useWords } from '../state/language.ts';
import css from './Suggestions.module.css';
import { filterWords } from './words.ts';

interface Props {
  readonly id: string;
  readonly anchor: RefObject<HTMLElement | null>;
  readonly suggestions: readonly Suggestion[];
  /** The one that Enter takes; null: none. */
  readonly active: number | null;
  readonly onTake: (suggestion: Suggestion) => void;
}

/** The list below the filter box. */
export function Suggestions({ id, anchor, suggestions, active, onTake }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const words = useWords(filterWords);
  usePlacement(list, anchor, 'start');
  return (
    <Listbox
      ref={list}
      id={id}
      label={words.suggestions}
      className={`popover ${css.suggestions}`}
      popover="manual"
      items={suggestions}
      keyOf={({ text }) => text}
      active={active}
      onPick={onTake}
    >
      {({ text }) => <code className="cut">{text}</code>}
    </Listbox>
  );
}
