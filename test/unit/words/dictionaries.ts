/** Every text that the faces can show, read from the dictionaries themselves: those of components, and those of errors. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Language } from '#common/language.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import { errorsRu } from '#common/words/errors-ru.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Text {
  /** `renderer/gpus/words.ts gpuWords.conditions.idle`. */
  readonly place: string;
  readonly text: string;
}

type Given = readonly unknown[];

/** What the functions of words are called with: the first of these that it can be called with, and numbers of each form. */
const numbers: readonly Given[] = [1, 2, 5, 21, 1234].map((n) => [n, n, n, n]);
const anything = new Proxy({}, { get: () => '7' });
const others: readonly Given[] = [
  ['x', 7, 'x', 7],
  ['7', '7', '7', '7'],
  [anything, anything],
];

/** All texts of a language, those of functions with some values in them. */
export async function textsIn(language: Language): Promise<readonly Text[]> {
  const found: Text[] = [];
  for (const file of dictionaryFiles()) {
    const exported: Record<string, unknown> = await import(pathToFileURL(path.join(root, file)).href);
    for (const [name, value] of Object.entries(exported)) {
      if (isDictionary(value)) found.push(...textsOf(value[language], `${file} ${name}`));
    }
  }
  const errors = language === 'en' ? errorsEn : errorsRu;
  return [...found, ...textsOf(errors, `main/common/words/errors-${language}.ts`)];
}

/** Paths of the files that make a dictionary, from the root of the repository. */
function dictionaryFiles(): readonly string[] {
  const all = ['main', 'renderer'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (file) => `${folder}/${file}`,
    ),
  );
  const sources = all.filter((file) => /\.tsx?$/.test(file)).sort();
  return sources.filter((file) => /= dictionary[<(]/.test(readFileSync(path.join(root, file), 'utf8')));
}

function isDictionary(value: unknown): value is Record<Language, unknown> {
  return typeof value === 'object' && value !== null && 'en' in value && 'ru' in value;
}

function textsOf(value: unknown, place: string): readonly Text[] {
  if (typeof value === 'string') return [{ place, text: value }];
  if (typeof value === 'function') return callsOf(value as (...given: Given) => unknown, place);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => textsOf(one, `${place}.${key}`));
}

function callsOf(make: (...given: Given) => unknown, place: string): readonly Text[] {
  const made = [...numbers, ...others].flatMap((given) => {
    try {
      return textsOf(make(...given), place);
    } catch (error) {
      // Not a function of such values.
      if (error instanceof TypeError) return [];
      throw error;
    }
  });
  if (made.length === 0) throw new Error(`${place} could not be called`);
  return made;
}
