import { Fragment, type ReactNode, type RefObject } from 'react';
import type { View } from '#common/place.ts';
import { totals } from '#common/select/totals.ts';
import { headline, stateWords } from '#common/words/states.ts';
import { FilterFaults } from '../filter/FilterTerms.tsx';
import { NoticeBell } from '../notices/NoticeBell.tsx';
import { useLanguage } from '../state/language.ts';
import { reveal } from '../state/route.ts';
import { useAppState } from '../state/services.ts';
import { FilterBox } from './FilterBox.tsx';
import css from './Header.module.css';
import noSnapshotCss from './NoSnapshot.module.css';

interface Props {
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  readonly filterBox: RefObject<HTMLInputElement | null>;
  /** Whether the view takes the filter. */
  readonly filters: boolean;
  /** What stands between the headline and the filter. */
  readonly children: ReactNode;
}

/** The view that each part of the headline leads to. */
const viewOfPart: readonly View[] = ['gpus', 'gpus', 'models', 'forwards'];
const hostsPart = 1;

/** Always answers "what is free right now". */
export function Header({ filter, onFilter, filterBox, filters, children }: Props) {
  const language = useLanguage();
  const line = useAppState(({ snapshot }) => snapshot && headline(snapshot, language));
  const isDemo = useAppState(({ snapshot }) => snapshot?.source.kind === 'demo');
  const isMissingHosts = useAppState(({ snapshot }) => {
    if (snapshot === null || snapshot.scan.kind === 'never') return false;
    const { hosts, hostsUp } = totals(snapshot);
    return hostsUp < hosts;
  });
  const go = (index: number) => {
    if (index === hostsPart && isMissingHosts) onFilter('state:down');
    reveal({ view: viewOfPart[index] ?? 'gpus' });
  };
  const parts = line?.split(' · ') ?? [];
  return (
    <header className={css.header}>
      {isDemo && <span className={css.tag}>{stateWords[language].demo}</span>}
      {line === null ? (
        <span className={`${css.headline} ${noSnapshotCss.text}`} aria-hidden="true" />
      ) : (
        <p className={css.headline}>
          {parts.map((part, index) => (
            <Fragment key={part}>
              <span className={css.part}>
                <button
                  type="button"
                  className={css.link}
                  data-missing={index === hostsPart && isMissingHosts}
                  onClick={() => go(index)}
                >
                  {index === 0 ? <strong>{part}</strong> : part}
                </button>
                {index < parts.length - 1 && ' ·'}
              </span>{' '}
            </Fragment>
          ))}
        </p>
      )}
      {children}
      <NoticeBell />
      {filters && <FilterBox filter={filter} onFilter={onFilter} input={filterBox} />}
      {filters && <FilterFaults filter={filter} />}
    </header>
  );
}
