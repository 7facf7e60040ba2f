/** Where Russian text may not break: a number and its unit or noun, and a dash and the word before it. Pure. */

/** No line ends at it. */
export const nbsp = '\u00a0';

/** After a number a preposition begins something else. */
const number = /(?<=(?:^|[\s(«≥≤])\d[\d\u00a0.,]*) (?=[%°A-Za-zА-Яа-яё])(?!(?:на|до|и|или|за|от|при) )/gu;
const dash = / (?=—)/g;

/** The same text with U+00A0 before a unit, a counted noun and a dash. */
export function bound(text: string): string {
  return text.replace(number, nbsp).replace(dash, nbsp);
}

/** The same words, each of whose texts is {@link bound}: in lists, in records and as what functions return. */
export function boundWords<Words>(words: Words): Words {
  return boundValue(words) as Words;
}

function boundValue(value: unknown): unknown {
  if (typeof value === 'string') return bound(value);
  if (typeof value === 'function') return (...given: readonly unknown[]) => boundValue(value(...given));
  if (Array.isArray(value)) return value.map(boundValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, boundValue(one)]));
}
