/** What the states of rows are called: the kind itself, and the words that the faces have for it in every language. Pure. */

import type { Forward } from '#common/forwards.ts';
import type { Host } from '#common/hosts.ts';
import { type Dictionary, languages } from '#common/language.ts';
import type { OtherForward } from '#common/other-forwards.ts';
import { isUp } from '#common/select/hosts.ts';
import type { ModelServer } from '#common/servers.ts';
import { stateWords } from '#common/words/states.ts';
import { frameWords } from './frame-words.ts';

/** A failure has a sentence, in which too many words stand, and no name; all that do not answer are down. */
export function hostStates({ state }: Host): readonly string[] {
  const down = isUp(state) ? [] : languages.map((language) => frameWords[language].hostLines.down);
  return [...down, ...ownStates(state)];
}

function ownStates(state: Host['state']): readonly string[] {
  return namesOf(state.kind, frameWords, ({ hostLines }) => {
    if (state.kind === 'unresolved' || state.kind === 'queued' || state.kind === 'stale')
      return hostLines[state.kind];
    return state.kind === 'no-gpu' ? hostLines.noGpu : state.kind === 'up' ? hostLines.up : state.kind;
  });
}

/** The kind of a state, and what the faces call it in each language. */
function namesOf<Words>(
  kind: string,
  words: Dictionary<Words>,
  nameIn: (words: Words) => string,
): readonly string[] {
  return [kind, ...languages.map((language) => nameIn(words[language]))];
}

export function serverStates({ state }: Pick<ModelServer, 'state'>): readonly string[] {
  return state.kind === 'lost'
    ? namesOf(state.kind, stateWords, ({ lost }) => lost[state.what](null))
    : namesOf(state.kind, stateWords, ({ server }) => server[state.kind]);
}

/** Beside those of its server, which is up. */
export const busyNames = namesOf('busy', stateWords, ({ busy }) => busy);

export function forwardStates({ state }: Pick<Forward, 'state'>): readonly string[] {
  return namesOf(state.kind, stateWords, ({ forward }) => forward[state.kind]);
}

export function otherForwardStates({ state }: Pick<OtherForward, 'state'>): readonly string[] {
  return namesOf(state.kind, stateWords, ({ otherForward }) => otherForward[state.kind]);
}
