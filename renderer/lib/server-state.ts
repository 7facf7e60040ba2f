/** How a model server is shown wherever one is. Pure. */

import type { Language } from '#common/language.ts';
import type { ModelServer, ServerState } from '#common/servers.ts';
import { engineTitle } from '#common/words/states.ts';
import type { Mood } from './mood.ts';

export const serverMoods: Readonly<Record<ServerState['kind'], Mood>> = {
  up: 'good',
  starting: 'waiting',
  sleeping: 'asleep',
  locked: 'locked',
  stuck: 'bad',
  failed: 'bad',
  lost: 'unknown',
};

/** `vLLM 0.11.0`; a dash where the engine is not known. */
export function engineOf(
  { engine, version }: Pick<ModelServer, 'engine' | 'version'>,
  language: Language,
): string {
  const name = engineTitle(engine, language);
  return version === null ? name : `${name} ${version}`;
}
