import { Icon } from '../icons/Icon.tsx';
import { parseQuery, type Term, withoutTerm } from '../lib/query.ts';
import { useWords } from '../state/language.ts';
import { filterWords } from './words.ts';

interface Props {
  readonly filter: string;
  /** The filter without the term that was removed. */
  readonly onFilter: (filter: string) => void;
}

/** Of the list, for the box that it explains. */
export const termsId = 'filter-terms';

/** What the filter asks for, term by term; one that says nothing tells why. */
export function FilterTerms({ filter, onFilter }: Props) {
  const words = useWords(filterWords);
  const terms = parseQuery(filter);
  if (terms.length === 0) return null;
  return (
    <ul className="filter-terms" id={termsId} aria-label={words.terms}>
      {terms.map((term) => (
        <li key={`${term.from} ${term.source}`} className="term" data-kind={term.kind}>
          {term.kind === 'unusable' && <Icon name="warning" />}
          <code className="term-source" title={term.source}>
            {term.source}
          </code>
          {term.kind === 'unusable' && <span role="status">{whyOf(term, words)}</span>}
          <button
            type="button"
            className="icon-button"
            aria-label={words.remove(term.source)}
            title={words.remove(term.source)}
            onClick={() => onFilter(withoutTerm(filter, term))}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function whyOf(term: Extract<Term, { kind: 'unusable' }>, words: (typeof filterWords)['en']): string {
  return words.unusable[term.why](term.key);
}
