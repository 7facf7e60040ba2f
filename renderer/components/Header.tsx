import { Fragment, type RefObject } from 'react';
import { headline } from '#common/select.ts';
import { stateWords } from '#common/words/states.ts';
import { NoticeBell } from '../notices/NoticeBell.tsx';
import { useLanguage } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import { FilterBox } from './FilterBox.tsx';

interface Props {
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  readonly filterBox: RefObject<HTMLInputElement | null>;
  /** Whether the view takes the filter. */
  readonly filters: boolean;
}

/** Always answers "what is free right now". */
export function Header({ filter, onFilter, filterBox, filters }: Props) {
  const language = useLanguage();
  const line = useAppState(({ snapshot }) => snapshot && headline(snapshot, language));
  const isDemo = useAppState(({ snapshot }) => snapshot?.source.kind === 'demo');
  const parts = line?.split(' · ') ?? [];
  return (
    <header className="header">
      {isDemo && <span className="tag">{stateWords[language].demo}</span>}
      {line === null ? (
        <span className="headline skeleton-text" aria-hidden="true" />
      ) : (
        <p className="headline">
          {parts.map((part, index) => (
            <Fragment key={part}>
              <span className="headline-part">
                {index === 0 ? <strong>{part}</strong> : part}
                {index < parts.length - 1 && ' ·'}
              </span>{' '}
            </Fragment>
          ))}
        </p>
      )}
      <NoticeBell />
      {filters && <FilterBox filter={filter} onFilter={onFilter} input={filterBox} />}
    </header>
  );
}
