import { lastPart } from '#common/cut.ts';
import type { Language } from '#common/language.ts';
import type { TestPrompt } from '#common/servers.ts';
import { errorWords } from '#common/words/states.ts';
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
  const name = lastPart(model);
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
