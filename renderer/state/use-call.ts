import { useMemo } from 'react';
import type { CallInput, CallName, CallOutput } from '#common/contract.ts';
import { attempt } from './attempt.ts';
import { useLanguage } from './language.ts';
import { useServices } from './services.ts';

/** See {@link attempt}. */
export type Call = <Name extends CallName>(
  name: Name,
  input: CallInput<Name>,
) => Promise<CallOutput<Name> | undefined>;

/** What a button does that is one call; the same function while the language is the same. */
export function useCall(): Call {
  const { bridge, toasts } = useServices();
  const language = useLanguage();
  return useMemo<Call>(
    () => (name, input) => attempt(bridge.call(name, input), { toasts, language }),
    [bridge, toasts, language],
  );
}
