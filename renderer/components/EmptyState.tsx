import type { ReactNode } from 'react';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import css from './EmptyState.module.css';

interface Props {
  readonly title: string;
  /** What to do next. */
  readonly children: ReactNode;
  readonly action?: { readonly label: string; readonly onClick: () => void };
}

export function EmptyState({ title, children, action }: Props) {
  return (
    <div className={css.empty}>
      <h2 className={`${css.title} clamp`}>{title}</h2>
      <div className={css.text}>{children}</div>
      {action && (
        <button type="button" className="button" onClick={action.onClick}>
          {action.label}
        </button>
      )}
    </div>
  );
}

/** What every view says when its filter leaves nothing. */
export function NothingMatches({
  filter,
  onClear,
}: {
  readonly filter: string;
  readonly onClear: () => void;
}) {
  const words = useWords(frameWords);
  return (
    <EmptyState
      title={words.nothingMatches(filter.trim())}
      action={{ label: words.clearFilter, onClick: onClear }}
    >
      <p>{words.filterRule}</p>
    </EmptyState>
  );
}
