import { useState } from 'react';
import { errors } from '#common/errors.ts';
import type { Problem } from '#common/model.ts';
import { Icon } from '../icons/Icon.tsx';
import { useAppState } from '../state/services.ts';

const none: readonly Problem[] = [];

/** What is wrong with the configuration itself. Dismissed for as long as nothing new comes. */
export function Problems() {
  const problems = useAppState(({ snapshot }) => snapshot?.problems) ?? none;
  const [dismissed, setDismissed] = useState(none);
  if (problems.length === 0 || problems === dismissed) return null;
  return (
    <section className="problems" aria-label="Configuration problems">
      <ul className="problem-list">
        {problems.map(({ code, detail }) => (
          <li key={`${code} ${detail}`} className="problem">
            <Icon name="warning" />
            <div>
              <p>{errors[code].title}</p>
              <p className="dim">{errors[code].hint}</p>
              {detail !== '' && <p className="raw">{detail}</p>}
            </div>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="icon-button"
        aria-label="Dismiss configuration problems"
        onClick={() => setDismissed(problems)}
      >
        <Icon name="close" />
      </button>
    </section>
  );
}
