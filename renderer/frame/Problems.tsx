import { useState } from 'react';
import type { ErrorCode, Problem } from '#common/failure.ts';
import { remedyOf } from '#common/select/remedies.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import { Icon } from '../icons/Icon.tsx';
import { frameWords } from '../lib/frame-words.ts';
import { RemedyButton } from '../prompts/RemedyButton.tsx';
import { useLanguage } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import css from './Problems.module.css';

const none: readonly Problem[] = [];

/** What is wrong with the configuration itself. Dismissed for as long as nothing new comes. */
export function Problems() {
  const problems = useAppState(({ snapshot }) => snapshot?.problems) ?? none;
  const [dismissed, setDismissed] = useState(none);
  const language = useLanguage();
  const words = frameWords[language];
  if (problems.length === 0 || problems === dismissed) return null;
  return (
    <section className={css.problems} aria-label={words.problems}>
      <ul className={css.problemList}>
        {[...detailsByCode(problems)].map(([code, details]) => (
          <li key={code} className={css.problem}>
            <Icon name="warning" />
            <div>
              <p>{errorWords(code, language).title}</p>
              <p className="dim">{errorWords(code, language).hint}</p>
              {details.map((detail) => (
                <p key={detail} className="raw">
                  {detailText(detail, language)}
                </p>
              ))}
              <ProblemStep code={code} />
            </div>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="icon-button"
        aria-label={words.dismissProblems}
        onClick={() => setDismissed(problems)}
      >
        <Icon name="close" />
      </button>
    </section>
  );
}

function ProblemStep({ code }: { readonly code: ErrorCode }) {
  const remedy = remedyOf({ code }, null);
  return remedy !== null && <RemedyButton remedy={remedy} of="" />;
}

/** Problems of the same kind are shown once, with each place where it is. */
function detailsByCode(problems: readonly Problem[]): ReadonlyMap<ErrorCode, readonly string[]> {
  const byCode = new Map<ErrorCode, readonly string[]>();
  for (const { code, detail } of problems) {
    const details = byCode.get(code) ?? [];
    byCode.set(code, detail === '' || details.includes(detail) ? details : [...details, detail]);
  }
  return byCode;
}
