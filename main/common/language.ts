/** The languages of the app, and how words are kept: both side by side, so that a missing one does not compile. */

import { lazily } from './lazily.ts';
import type { Settings } from './settings.ts';
import { boundWords, nbsp } from './typography.ts';

export const languages = ['en', 'ru'] as const;
export type Language = (typeof languages)[number];

export type Dictionary<Words> = Readonly<Record<Language, Words>>;

/** A sentence around something that is no word: a link, a line of code. */
export type Around = readonly [before: string, after: string];

/** English says which words there are; every other language must have the same ones. Russian gets its fixed spaces here. */
export function dictionary<Words>(words: {
  readonly en: Words;
  readonly ru: NoInfer<Words>;
}): Dictionary<Words> {
  const ru = lazily(() => ({ words: boundWords<Words>(words.ru) }));
  return {
    en: words.en,
    // When it is first asked for: every text is looked through, which a reader of English need not wait for.
    get ru() {
      return ru().words;
    },
  };
}

/**
 * The language to speak: the chosen one, else the first that the system prefers and the app has, else English.
 *
 * @param preferred BCP 47 tags, as `navigator.languages` and Electron's `app.getPreferredSystemLanguages()` give them
 */
export function chooseLanguage(setting: Settings['language'], preferred: readonly string[]): Language {
  if (setting !== 'system') return setting;
  const tags = preferred.map((tag) => tag.toLowerCase().split('-')[0]);
  return tags.flatMap((tag) => languages.find((language) => language === tag) ?? [])[0] ?? 'en';
}

const numbersEn = lazily(() => new Intl.NumberFormat('en'));
const numbersRu = lazily(() => new Intl.NumberFormat('ru'));
const rulesEn = lazily(() => new Intl.PluralRules('en'));
const rulesRu = lazily(() => new Intl.PluralRules('ru'));

/** `1,024`. */
export function wholeEn(n: number): string {
  return numbersEn().format(n);
}

/** The same in Russian, where a space stands for the comma. */
export function wholeRu(n: number): string {
  return numbersRu().format(n);
}

/** `1 GPU`, `8 GPUs`, `1,024 GPUs`. */
export function countEn(n: number, one: string, other = `${one}s`): string {
  return `${wholeEn(n)} ${rulesEn().select(n) === 'one' ? one : other}`;
}

/** `1 хост`, `3 хоста`, `5 хостов`, `1,5 хоста`: the forms for 1, 2 and 5, and a space that no line breaks at. */
export function countRu(n: number, [one, few, many]: readonly [string, string, string]): string {
  const form = rulesRu().select(n);
  return `${wholeRu(n)}${nbsp}${form === 'one' ? one : form === 'many' ? many : few}`;
}
