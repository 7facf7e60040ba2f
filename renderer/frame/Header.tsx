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

/** Always answers "what is free right now". */
export function Header({ filter, onFilter, filterBox, filters, children }: Props) {
  const language = useLanguage();
  const isDemo = useAppState(({ snapshot }) => snapshot?.source.kind === 'demo');
  return (
    <header className={css.header}>
      {isDemo && <span className={css.tag}>{stateWords[language].demo}</span>}
      <Headline onFilter={onFilter} />
      {children}
      <NoticeBell />
      {filters && <FilterBox filter={filter} onFilter={onFilter} input={filterBox} />}
      {filters && <FilterFaults filter={filter} />}
    </header>
  );
}

/** What each part of the headline is about, and the view that it leads to. */
const abouts = [
  { about: 'gpus', view: 'gpus' },
  { about: 'hosts', view: 'gpus' },
  { about: 'models', view: 'models' },
  { about: 'forwards', view: 'forwards' },
] as const satisfies readonly { readonly about: string; readonly view: View }[];

/** A component of its own: it changes with nearly every update of a large fleet, and nothing around it does. */
function Headline({ onFilter }: Pick<Props, 'onFilter'>) {
  const language = useLanguage();
  const line = useAppState(({ snapshot }) => snapshot && headline(snapshot, language));
  const isMissingHosts = useAppState(({ snapshot }) => {
    if (snapshot === null || snapshot.scan.kind === 'never') return false;
    const { hosts, hostsUp } = totals(snapshot);
    return hostsUp < hosts;
  });
  if (line === null) return <span className={`${css.headline} ${noSnapshotCss.text}`} aria-hidden="true" />;
  const parts = line.split(' · ');
  return (
    <p className={css.headline}>
      {abouts.map(({ about, view }, index) => {
        const leadsToMissing = about === 'hosts' && isMissingHosts;
        const part = parts[index];
        return (
          <Fragment key={about}>
            <span className={css.part}>
              <button
                type="button"
                className={css.link}
                data-missing={leadsToMissing}
                onClick={() => {
                  if (leadsToMissing) onFilter('state:down');
                  reveal({ view });
                }}
              >
                {about === 'gpus' ? <strong>{part}</strong> : part}
              </button>
              {index < abouts.length - 1 && ' ·'}
            </span>{' '}
          </Fragment>
        );
      })}
    </p>
  );
}
