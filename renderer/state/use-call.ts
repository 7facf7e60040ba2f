import { useMemo } from 'react';
import type { CallInput, CallName, CallOutput } from '#common/contract.ts';
import { AppError } from '#common/errors.ts';
import { errorWords } from '#common/words/states.ts';
import { useLanguage } from './language.ts';
import { useServices } from './services.ts';

/** Resolves to the answer, or to undefined when a message has told why there is none. Never rejects. */
export type Call = <Name extends CallName>(
  name: Name,
  input: CallInput<Name>,
) => Promise<CallOutput<Name> | undefined>;

/** What a button does that is one call; the same function while the language is the same. */
export function useCall(): Call {
  const { bridge, toasts } = useServices();
  const language = useLanguage();
  return useMemo<Call>(
    () => async (name, input) => {
      try {
        return await bridge.call(name, input);
      } catch (error) {
        const { code, detail } = error instanceof AppError ? error : new AppError('internal');
        const { title, hint } = errorWords(code, language);
        toasts.show({ kind: 'failed', title, hint, detail });
        return undefined;
      }
    },
    [bridge, toasts, language],
  );
}
