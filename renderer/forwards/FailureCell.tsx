import type { Failure } from '#common/failure.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import { useLanguage } from '../state/language.ts';
import css from './FailureCell.module.css';

/** What is wrong, in the two lines that a row has; the rest is in its title. */
export function FailureCell({ failure }: { readonly failure: Failure }) {
  const language = useLanguage();
  const { title, hint } = errorWords(failure.code, language);
  const detail = detailText(failure.detail, language);
  return (
    <div className={css.failureCell} title={[title, detail, hint].filter(Boolean).join('\n')}>
      <span className="cut">{title}</span>
      <span className="subline cut">{detail || hint}</span>
    </div>
  );
}
