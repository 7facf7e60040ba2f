import { useState } from 'react';
import type { ErrorCode } from '#common/errors.ts';
import type { Problem } from '#common/model.ts';
import { errorWords } from '#common/words/states.ts';
import { Icon } from '../icons/Icon.tsx';
import { useLanguage } from '../state/language.ts';
import { useAppState } from '../state/services.ts';
import { frameWords } from './words.ts';

const none: readonly Problem[] = [];

/** What is wrong with the configuration itself. Dismissed for as long as nothing new comes. */
export function Problems() {
  const problems = useAppState(({ snapshot }) => snapshot?.problems) ?? none;
  const [dismissed, setDismissed] = useState(none);
  const language = useLanguage();
  const words = frameWords[language];
  if (problems.length === 0 || problems === dismissed) return null;
  return (
    <section className="problems" aria-label={words.problems}>
      <ul className="problem-list">
        {[...detailsByCode(problems)].map(([code, details]) => (
          <li key={code} className="problem">
            <Icon name="warning" />
            <div>
              <p>{errorWords(code, language).title}</p>
              <p className="dim">{errorWords(code, language).hint}</p>
              {details.map((detail) => (
                <p key={detail} className="raw">
                  {detail}
                </p>
              ))}
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

/** What is wrong in the same way is told once, with each place where it is. */
function detailsByCode(problems: readonly Problem[]): ReadonlyMap<ErrorCode, readonly string[]> {
  const byCode = new Map<ErrorCode, readonly string[]>();
  for (const { code, detail } of problems) {
    const details = byCode.get(code) ?? [];
    byCode.set(code, detail === '' || details.includes(detail) ? details : [...details, detail]);
  }
  return byCode;
}
