import type { Failure } from '#common/model.ts';
import { errorWords } from '#common/words/states.ts';
import { useLanguage } from '../state/language.ts';
import { Command } from './Command.tsx';
import { frameWords } from './words.ts';

/** One line of cause, one of remedy, and the command that shows the same in a terminal. */
export function FailureText({ failure }: { readonly failure: Failure }) {
  const language = useLanguage();
  const { title, hint } = errorWords(failure.code, language);
  return (
    <div className="failure">
      <p>
        {title}
        {failure.detail !== '' && <span className="raw"> {failure.detail}</span>}
      </p>
      <p className="dim">{hint}</p>
      {failure.command !== null && <Command text={failure.command} what={frameWords[language].command} />}
    </div>
  );
}
