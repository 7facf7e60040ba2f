import type { Settings } from '#common/settings.ts';
import { plainText } from '#common/text.ts';
import type { forwardWords } from './words.ts';

type Words = (typeof forwardWords)['en'];

/** Names beyond these are listed in Settings. */
const mostNames = 4;

/** The rules in one line: `every model, not *draft*, on hosts gpu-*; closes 60 s after its model is gone`. */
export function rulesText(rules: Settings['autoForward'], words: Words, age: (ms: number) => string): string {
  const { allowModels, denyModels, allowHosts, denyHosts, keepGone, graceMs, tmux } = rules;
  const what = [
    allowModels.length === 0 ? words.everyModel : words.modelsLike(listed(allowModels)),
    ...(denyModels.length === 0 ? [] : [words.notModels(listed(denyModels))]),
    allowHosts.length === 0 ? words.everyHost : words.hostsLike(listed(allowHosts)),
    ...(denyHosts.length === 0 ? [] : [words.notHosts(listed(denyHosts))]),
    ...(tmux ? [words.inTmux] : []),
  ];
  const gone = keepGone ? words.staysGone : words.closesGone(age(graceMs));
  return `${what.join(', ')}; ${gone}.`;
}

function listed(globs: readonly string[]): string {
  const names = globs.slice(0, mostNames).map((glob) => plainText(glob, 40));
  return [...names, ...(globs.length > mostNames ? ['…'] : [])].join(' ');
}
