import type { TestPrompt } from '#common/forwards.ts';
import type { Language } from '#common/language.ts';
import { errorWords } from '#common/words/states.ts';
import { shortModelName } from '../lib/format.ts';
import { useLanguage } from '../state/language.ts';
import { testWords } from './words.ts';

/** Tells those who do not see it when an answer begins and ends, and not each of its words. */
export function Announcement({ latest }: { readonly latest: TestPrompt | undefined }) {
  const language = useLanguage();
  return (
    <p className="visually-hidden" role="status">
      {latest !== undefined && announcement(latest, language)}
    </p>
  );
}

function announcement({ model, state, tokens }: TestPrompt, language: Language): string {
  const { tell } = testWords[language];
  const name = shortModelName(model);
  switch (state.kind) {
    case 'running':
    case 'stopped':
      return tell[state.kind](name);
    case 'done':
      return tell.done(name, tokens);
    case 'failed':
      return tell.failed(name, errorWords(state.failure.code, language).title);
  }
}
