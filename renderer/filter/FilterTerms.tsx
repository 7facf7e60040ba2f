import { Icon } from '../icons/Icon.tsx';
import { parseQuery, type Term } from '../lib/query.ts';
import { useWords } from '../state/language.ts';
import css from './FilterTerms.module.css';
import { filterWords } from './words.ts';

interface Props {
  /** The terms before the one that is being typed. */
  readonly terms: readonly Term[];
  readonly onRemove: (term: Term) => void;
}

/** Of the list of what is not understood, for the box that it explains. */
export const faultsId = 'filter-faults';

/** The terms that were typed to their end, as chips in the box; Backspace takes the last one back into the text. */
export function FilterTerms({ terms, onRemove }: Props) {
  const words = useWords(filterWords);
  if (terms.length === 0) return null;
  return (
    <ul className={css.terms} aria-label={words.terms}>
      {terms.map((term) => (
        <li key={`${term.from} ${term.source}`} className={css.term} data-kind={term.kind}>
          {term.kind === 'unusable' && <Icon name="warning" />}
          <code className={css.source} title={term.source}>
            {term.source}
          </code>
          <button
            type="button"
            className="icon-button"
            aria-label={words.remove(term.source)}
            title={words.remove(term.source)}
            onClick={() => onRemove(term)}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Why terms of the filter say nothing, in a line below the header; no line where all do. */
export function FilterFaults({ filter }: { readonly filter: string }) {
  const words = useWords(filterWords);
  const faults = parseQuery(filter).filter((term) => term.kind === 'unusable');
  return (
    <div className={css.faults} id={faultsId} role="status">
      {faults.map((term) => (
        <p key={`${term.from} ${term.source}`}>
          <Icon name="warning" />
          <code className={css.source}>{term.source}</code> {words.unusable[term.why](term.key)}
        </p>
      ))}
    </div>
  );
}
