import { AppError } from '#common/failure.ts';
import type { Language } from '#common/language.ts';
import { detailText } from '#common/words/details.ts';
import { errorWords } from '#common/words/states.ts';
import type { ToastStore } from './toast-store.ts';

export interface AttemptDeps {
  readonly toasts: ToastStore;
  /** Of the words in the message. */
  readonly language: Language;
}

/** Resolves to the answer, or to undefined when a message has said why there is none. Never rejects. */
export async function attempt<Answer>(
  work: Promise<Answer>,
  { toasts, language }: AttemptDeps,
): Promise<Answer | undefined> {
  try {
    return await work;
  } catch (error) {
    const { code, detail } = error instanceof AppError ? error : new AppError('internal');
    const { title, hint } = errorWords(code, language);
    toasts.show({ kind: 'failed', title, hint, detail: detailText(detail, language) });
    return undefined;
  }
}
