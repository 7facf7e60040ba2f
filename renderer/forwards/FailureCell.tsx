import type { Failure } from '#common/model.ts';
import { errorWords } from '#common/words/states.ts';
import { useLanguage } from '../state/language.ts';

/** What is wrong, in the two lines that a row has; the rest is in its title. */
export function FailureCell({ failure }: { readonly failure: Failure }) {
  const { title, hint } = errorWords(failure.code, useLanguage());
  return (
    <div className="failure-cell" title={[title, failure.detail, hint].filter(Boolean).join('\n')}>
      <span className="cut">{title}</span>
      <span className="subline cut">{failure.detail || hint}</span>
    </div>
  );
}
