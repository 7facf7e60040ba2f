/** The arguments of a process as they may be shown: keys, tokens and passwords are blotted out. Pure. */

import { plainText } from '#common/text.ts';

const blot = '…';
/** `--api-key`, `--hf_token`, `HF_TOKEN`, `--db-password`. */
const secretName = /(?:key|token|secret|passwd|password|passphrase|credential|auth|bearer|cookie)s?$/i;
/** `--max-num-batched-tokens 8192`, in vLLM also `8k`: how many, and no secret. */
const isCount = (name: string, value: string): boolean =>
  /tokens$/i.test(name) && /^\d{1,9}(?:\.\d{1,3})?[kmg]?$/i.test(value);
/** What keys of well-known services look like, wherever they stand. */
const secretForms =
  /\b(?:sk|hf|ghp|gho|ghs|glpat|xox[abprs]|nvapi|pk|rk|AKIA|AIza)[-_]?[A-Za-z0-9_-]{16,}|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g;
/** A password within a URL. */
const userInfo = /(:\/\/[^/@\s:]{0,100}:)[^/@\s]{1,300}(?=@)/g;
const mostLetters = 1000;

/**
 * Returns a command line of `ps` on one line, at most 1,000 letters long. What follows an option or a variable that is named
 * like a secret is blotted out, and whatever has the form of a key.
 */
export function withoutSecrets(args: string): string {
  const words = args
    .slice(0, 4 * mostLetters)
    .split(/\s+/)
    .filter((word) => word !== '');
  const shown: string[] = [];
  let hidesNext = false;
  for (const [at, word] of words.entries()) {
    const [, name = '', value] = /^(-{0,2}[\w.-]{1,80})=(.*)$/.exec(word) ?? [];
    if (hidesNext && !word.startsWith('--') && !isCount(words[at - 1] ?? '', word)) shown.push(blot);
    else if (value !== undefined && secretName.test(name) && !isCount(name, value))
      shown.push(`${name}=${blot}`);
    else shown.push(word.replace(userInfo, `$1${blot}`).replace(secretForms, blot));
    const isOption = /^--?[\w.-]+$/.test(word) && secretName.test(word);
    hidesNext =
      isOption || /^(?:authorization|bearer):?$/i.test(word) || (hidesNext && /^bearer$/i.test(word));
  }
  return plainText(shown.join(' '), mostLetters);
}
