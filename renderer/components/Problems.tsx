import { useState } from 'react';
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
        {problems.map(({ code, detail }) => (
          <li key={`${code} ${detail}`} className="problem">
            <Icon name="warning" />
            <div>
              <p>{errorWords(code, language).title}</p>
              <p className="dim">{errorWords(code, language).hint}</p>
              {detail !== '' && <p className="raw">{detail}</p>}
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
