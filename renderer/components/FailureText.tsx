import type { Failure } from '#common/failure.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import { frameWords } from '../lib/frame-words.ts';
import { useLanguage } from '../state/language.ts';
import { Command } from './Command.tsx';
import css from './FailureText.module.css';
import { NextTry } from './NextTry.tsx';

/** One line of cause, one of remedy, when it is tried again, and the command that shows the same in a terminal. */
export function FailureText({ failure }: { readonly failure: Failure }) {
  const language = useLanguage();
  const { title, hint } = errorWords(failure.code, language);
  return (
    <div className={css.failure}>
      <p>
        {title}
        {failure.detail !== '' && <span className="raw"> {detailText(failure.detail, language)}</span>}
      </p>
      <p className="dim">{hint}</p>
      {failure.nextAttemptAt !== null && (
        <p className="dim">
          <NextTry atMs={failure.nextAttemptAt} />
        </p>
      )}
      {failure.command !== null && <Command text={failure.command} what={frameWords[language].command} />}
    </div>
  );
}
