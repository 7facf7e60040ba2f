import { useId } from 'react';
import type { Settings } from '#common/settings.ts';
import { useFormats, useWords } from '../state/language.ts';
import { useActions, useSnapshot } from '../state/services.ts';
import { rulesText } from './auto-forward-text.ts';
import { forwardWords } from './words.ts';

/** The switch of auto-forward, what its rules say, and the way to change them. */
export function AutoForwardBar() {
  const { settings } = useSnapshot();
  const actions = useActions();
  const words = useWords(forwardWords);
  const { age } = useFormats();
  const ids = { name: useId(), rules: useId() };
  const rules: Settings['autoForward'] = settings.autoForward;
  return (
    <section className="auto-forward" aria-label={words.auto}>
      <input
        type="checkbox"
        role="switch"
        className="switch"
        aria-labelledby={ids.name}
        aria-describedby={ids.rules}
        aria-checked={rules.enabled}
        checked={rules.enabled}
        onChange={({ target }) =>
          void actions.changeSettings({ autoForward: { ...rules, enabled: target.checked } })
        }
      />
      <span className="auto-forward-name" id={ids.name}>
        {words.auto}
      </span>
      <p className="auto-forward-rules" id={ids.rules}>
        {rules.enabled ? words.autoOn : words.autoOff}
        {rulesText(rules, words, age)}
      </p>
      <a href="#settings/forwards">{words.autoRules}</a>
    </section>
  );
}
