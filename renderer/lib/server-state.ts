/** How a model server is shown wherever one is. Pure. */

import type { ModelServer, ServerState } from '#common/model.ts';
import { engineNames } from '#common/words/states.ts';
import type { Mood } from '../components/StateMark.tsx';

export const serverMoods: Readonly<Record<ServerState['kind'], Mood>> = {
  up: 'good',
  starting: 'waiting',
  sleeping: 'asleep',
  locked: 'locked',
  failed: 'bad',
};

/** `vLLM 0.11.0`; a dash where the engine is not known. */
export function engineOf({ engine, version }: Pick<ModelServer, 'engine' | 'version'>): string {
  const name = engine === null ? '–' : engineNames[engine];
  return version === null ? name : `${name} ${version}`;
}
