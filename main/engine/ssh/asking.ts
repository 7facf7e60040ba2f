import type { Asker, PromptField, PromptKind } from '#common/prompts.ts';
import type { ResolvedHost } from './config/resolved.ts';

/** What a login wants to know. Text from the server is bounded and without control characters. */
export interface Question {
  readonly kind: PromptKind;
  readonly text: string;
  readonly fields: readonly PromptField[];
  /** The previous answer was wrong. */
  readonly again: boolean;
  /** Under which the answer may be remembered; null for what works only once. */
  readonly memo: string | null;
}

/** Whom a login may ask. */
export interface Asking {
  /** Whether a person is there. Without one only what was remembered is answered, and no question goes out to a server. */
  readonly interactive: boolean;
  /** One answer per field; null when there is no answer. Never rejects. */
  ask(asker: Asker, question: Question, signal: AbortSignal): Promise<readonly string[] | null>;
}

/** No person is there and nothing is remembered. */
export const askNobody: Asking = { interactive: false, ask: async () => null };

export function askerOf(host: ResolvedHost, isJumpHost: boolean): Asker {
  const { alias, hostname, port, user } = host;
  return { alias, hostname, port, user, isJumpHost };
}
