import { useId } from 'react';
import { Switch } from '../fields/Switch.tsx';
import { useFormats, useWords } from '../state/language.ts';
import { useSnapshot } from '../state/services.ts';
import css from './AutoForwardBar.module.css';
import { useAutoForwardSwitch } from './AutoForwardOff.tsx';
import { rulesText } from './auto-forward-text.ts';
import { forwardWords } from './words.ts';

/** The switch of auto-forward, what its rules say, and the way to change them. */
export function AutoForwardBar() {
  const { settings } = useSnapshot();
  const auto = useAutoForwardSwitch();
  const words = useWords(forwardWords);
  const { age } = useFormats();
  const ids = { switch: useId(), rules: useId() };
  const rules = settings.autoForward;
  return (
    <section className={css.autoForward} aria-label={words.auto}>
      <Switch id={ids.switch} aria-describedby={ids.rules} on={rules.enabled} onChange={auto.onChange} />
      <label className={css.name} htmlFor={ids.switch}>
        {words.auto}
      </label>
      <p className={css.rules} id={ids.rules}>
        {rules.enabled ? words.autoOn : words.autoOff}
        {rulesText(rules, words, age)}
      </p>
      <a href="#settings/forwards">{words.autoRules}</a>
      {auto.question}
    </section>
  );
}
