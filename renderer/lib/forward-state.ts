/** How a forward is, in one mark: a listener always accepts, so what is behind it counts too. Pure. */

import type { Failure } from '#common/failure.ts';
import type { Forward } from '#common/forwards.ts';
import type { Language } from '#common/language.ts';
import { failureOf } from '#common/select/failures.ts';
import { stateWords } from '#common/words/states.ts';
import type { Mood } from './mood.ts';

const moods: Readonly<Record<Forward['state']['kind'], Mood>> = {
  opening: 'waiting',
  listening: 'good',
  retrying: 'warning',
  failed: 'bad',
};

export function moodOfForward({ state, health }: Pick<Forward, 'state' | 'health'>): Mood {
  return state.kind === 'listening' && health.kind === 'model-down' ? 'warning' : moods[state.kind];
}

/** `Listening`, `Listening, model does not answer`. */
export function forwardStateText(
  { state, health }: Pick<Forward, 'state' | 'health'>,
  language: Language,
): string {
  const words = stateWords[language];
  const own = words.forward[state.kind];
  const isDown = state.kind === 'listening' && health.kind === 'model-down';
  return isDown ? `${own}, ${words.health['model-down'].toLowerCase()}` : own;
}

/** What is wrong with it now, or was with the latest connection; null: nothing. */
export function failureOfForward({ state, health, lastError }: Forward): Failure | null {
  return failureOf(state) ?? (health.kind === 'model-down' ? health.failure : lastError);
}
