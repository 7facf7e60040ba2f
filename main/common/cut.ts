/** How a name is cut where it has too little room. Pure; the window and the terminal cut alike, each by its own measure. */

import { lazily } from './lazily.ts';

const ellipsis = '…';
const segmenter = lazily(() => new Intl.Segmenter());
// A fast path for what nearly all names are.
const plainAscii = /^[\u0020-\u007e]*$/;

/** How wide a text is; of several texts one after the other, the sum. */
export type Measure = (text: string) => number;

/** Every character as a person sees it takes one cell. */
const cells: Measure = (text) => charactersOf(text).length;

/**
 * Returns a name at most `width` wide, with an ellipsis for what was left out. A port at its end stays whole, and then as much as
 * possible of the last part of a path: the beginning of `meta-llama/Llama-3.3-70B` says less than its end. What is left is cut
 * in the middle, since hosts share how they begin, and differ at the end.
 *
 * @param width in the unit of `measure`, by default in characters
 */
export function cutName(name: string, width: number, measure: Measure = cells): string {
  if (measure(name) <= width) return name;
  const port = portOf(name);
  const room = width - measure(port);
  // Too little for one character beside it.
  if (port !== '' && room < measure(ellipsis) + 1) return cutEnd(name, width, measure);
  const body = name.slice(0, name.length - port.length);
  return cutPath(body, room, measure) + port;
}

/** Returns a text at most `width` wide, cut at its end: for sentences. */
export function cutEnd(text: string, width: number, measure: Measure = cells): string {
  if (measure(text) <= width) return text;
  const room = width - measure(ellipsis);
  return room < 0 ? '' : fitting(charactersOf(text), room, measure).join('') + ellipsis;
}

export interface NameParts {
  /** Gives way, from its end. */
  readonly head: string;
  /** Never gives way: the end of the name, with its port where it has one. */
  readonly tail: string;
}

/** Characters of the end that stay, beside a port. */
const tailCharacters = 8;
/** No place is wider. */
const mostCharacters = 200;
// Two parts of such a text would stand the wrong way round.
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;

/**
 * The two parts of the last part of a name, for a place whose width only its renderer knows: it cuts the head where they do not
 * fit.
 */
export function nameParts(name: string): NameParts {
  const last = lastPart(name);
  if (rightToLeft.test(last)) return { head: last.slice(0, mostCharacters), tail: '' };
  const port = portOf(last);
  const characters = charactersOf(last.slice(0, last.length - port.length));
  const cut = characters.length - Math.min(tailCharacters, Math.floor(characters.length / 2));
  return {
    head: characters.slice(0, Math.min(cut, mostCharacters)).join(''),
    tail: characters.slice(cut).join('') + port,
  };
}

/** The part of a path after its folders, of a model id after its organisation: `Llama-3.1-8B` for `meta-llama/Llama-3.1-8B`. */
export function lastPart(name: string): string {
  const slash = name.lastIndexOf('/');
  if (slash < name.length - 1) return name.slice(slash + 1);
  return name.split('/').findLast((part) => part !== '') ?? name;
}

function portOf(name: string): string {
  return /(?<=.):\d{1,5}$/u.exec(name)?.[0] ?? '';
}

function cutPath(path: string, width: number, measure: Measure): string {
  const slash = path.lastIndexOf('/');
  const last = path.slice(slash + 1);
  const left = width - measure(`${ellipsis}/${last}`);
  if (slash <= 0 || last === '' || left < 0) return cutMiddle(last === '' ? path : last, width, measure);
  return `${fitting(charactersOf(path.slice(0, slash)), left, measure).join('')}${ellipsis}/${last}`;
}

function cutMiddle(text: string, width: number, measure: Measure): string {
  const room = width - measure(ellipsis);
  if (room < 0) return '';
  const characters = charactersOf(text);
  const tail = fitting(characters.toReversed(), Math.floor(room / 2), measure)
    .reverse()
    .join('');
  const head = fitting(characters, room - measure(tail), measure).join('');
  return `${head}${ellipsis}${tail}`;
}

/** The first of them that fit together. */
function fitting(characters: readonly string[], room: number, measure: Measure): string[] {
  let used = 0;
  const end = characters.findIndex((character) => {
    used += measure(character);
    return used > room;
  });
  return characters.slice(0, end === -1 ? undefined : end);
}

function charactersOf(text: string): readonly string[] {
  return plainAscii.test(text) ? [...text] : Array.from(segmenter().segment(text), ({ segment }) => segment);
}
