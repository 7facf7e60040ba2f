/**
 * The language of the filter box. Terms stand between spaces and all of them must hold:
 *
 *   word  "two words"            some text has it, whatever its case
 *   idle                         a GPU is idle (`free` says the same)
 *   free>=4                      so many GPUs are idle
 *   mem>=40GiB  mem<24           a GPU with so much memory of its own, in whole GiB (see `memoryGiB`); GiB where no unit stands
 *   kind:H100                    a GPU whose name has this
 *   waiting>0  kv>80            so many requests wait for a model; its KV cache is filled to so many per cent
 *   user:alice  model:llama  state:up  host:gpu  group:h100
 *   -word  -user:alice  -idle    not so
 *
 * `idle`, `free`, `mem` and `kind` are about the same GPUs: `free>=4 kind:H100 mem>=80` wants four idle H100 of 80 GiB on one host.
 * `waiting` and `kv` are about the same model of a server. Comparisons are `>=`, `>`, `<=`, `<` and `=`. A colon that not letters alone stand before (`gpu-01:8000`), or a number behind it
 * (`localhost:16100`), is plain text. Pure.
 */

export type Comparison = '>=' | '>' | '<=' | '<' | '=';
/** What is asked of the load of a model. */
export type LoadKey = 'waiting' | 'kv';
export type TextKey = 'kind' | 'user' | 'model' | 'state' | 'host' | 'group';

export type Term = TermPlace &
  (
    | { readonly kind: 'word'; readonly text: string }
    | { readonly kind: 'idle' }
    | { readonly kind: 'free' | 'mem' | LoadKey; readonly comparison: Comparison; readonly value: number }
    | { readonly kind: TextKey; readonly text: string }
    | { readonly kind: 'unusable'; readonly why: Unusable; readonly key: string }
  );

interface TermPlace {
  /** As it was typed, with its minus sign, and where. */
  readonly source: string;
  readonly from: number;
  readonly to: number;
  readonly excludes: boolean;
}

/** Why a term says nothing: that is shown, and the term left out. */
export type Unusable = 'unknown-key' | 'no-number' | 'no-text' | 'no-key';

export const textKeys: readonly TextKey[] = ['kind', 'user', 'model', 'state', 'host', 'group'];

const numberReaders: Readonly<Record<'free' | 'mem' | LoadKey, (text: string) => number | null>> = {
  free: readNumber,
  mem: readMemoryGiB,
  waiting: readNumber,
  kv: (text) => readNumber(text.replace(/%$/, '')),
};

const pieces = /(?:"[^"]*"?|[^\s"])+/g;

/** Where the piece of text begins that ends at the caret; the caret itself where none does. */
export function pieceBefore(filter: string, caret: number): number {
  const last = [...filter.slice(0, caret).matchAll(pieces)].at(-1);
  return last !== undefined && last.index + last[0].length === caret ? last.index : caret;
}

/** The terms of a filter in the order in which they stand. Never throws. */
export function parseQuery(filter: string): readonly Term[] {
  return [...filter.matchAll(pieces)].flatMap((match) => {
    const [source] = match;
    const excludes = source.length > 1 && source.startsWith('-');
    const body = excludes ? source.slice(1) : source;
    // Quotes that nothing stands between yet.
    if (plain(body).trim() === '') return [];
    return { source, from: match.index, to: match.index + source.length, excludes, ...readTerm(body) };
  });
}

/** The filter without one of its terms. */
export function withoutTerm(filter: string, { from, to }: Term): string {
  return `${filter.slice(0, from).trimEnd()} ${filter.slice(to).trimStart()}`.trimStart();
}

/** The text as one term that is looked for literally, or after a key. */
export function quoted(text: string): string {
  const plain = text.replaceAll('"', '');
  return /^[^\s":<>=-][^\s":<>=]*$/.test(plain) && !isIdleWord(plain) ? plain : `"${plain}"`;
}

type Reading = Term extends infer One ? (One extends Term ? Omit<One, keyof TermPlace> : never) : never;

function readTerm(body: string): Reading {
  const [, key, sign, value] = /^([a-z]*)(>=|<=|≥|≤|[:=<>])(.*)$/is.exec(body) ?? [];
  if (key === undefined || sign === undefined || value === undefined) {
    return isIdleWord(body) ? { kind: 'idle' } : { kind: 'word', text: plain(body) };
  }
  return readKeyed(key.toLowerCase(), sign, value) ?? { kind: 'word', text: plain(body) };
}

/** Null: it is no term of a key, but text that looks like one. */
function readKeyed(key: string, sign: string, value: string): Reading | null {
  if (key === '') return sign === ':' ? null : { kind: 'unusable', why: 'no-key', key: sign };
  const textKey = textKeys.find((one) => one === key);
  const text = plain(value);
  if (textKey !== undefined) {
    if (sign !== ':' && sign !== '=') return { kind: 'unusable', why: 'no-text', key };
    return text === '' ? { kind: 'unusable', why: 'no-text', key } : { kind: textKey, text };
  }
  if (isNumberKey(key)) {
    const number = numberReaders[key](text);
    if (number === null) return { kind: 'unusable', why: 'no-number', key };
    return { kind: key, comparison: comparisonOf[sign] ?? '=', value: number };
  }
  return sign === ':' && /^(?:\d+$|\/\/)/.test(value) ? null : { kind: 'unusable', why: 'unknown-key', key };
}

function isNumberKey(key: string): key is keyof typeof numberReaders {
  return Object.hasOwn(numberReaders, key);
}

const comparisonOf: Readonly<Record<string, Comparison>> = {
  '>=': '>=',
  '≥': '>=',
  '>': '>',
  '<=': '<=',
  '≤': '<=',
  '<': '<',
};

const isIdleWord = (text: string): boolean => /^(?:idle|free)$/i.test(text);

const plain = (text: string): string => text.replaceAll('"', '').toLowerCase();

function readNumber(text: string): number | null {
  return /^\d{1,9}(?:[.,]\d{1,3})?$/.test(text) ? Number(text.replace(',', '.')) : null;
}

const gibOf: Readonly<Record<string, number>> = {
  '': 1,
  m: 1 / 1024,
  м: 1 / 1024,
  g: 1,
  г: 1,
  t: 1024,
  т: 1024,
};

/** `40`, `40g`, `40GB`, `40GiB`, `1.5T`, `24576MiB`, `40ГиБ`: as GPUs are spoken of, GB means GiB. */
function readMemoryGiB(text: string): number | null {
  const [, digits = '', unit = ''] = /^([\d.,]+)([mgtмгт]?)(?:i?b|и?б)?$/.exec(text) ?? [];
  const number = readNumber(digits);
  return number === null ? null : number * (gibOf[unit] ?? 1);
}

export function compares(value: number, comparison: Comparison, to: number): boolean {
  switch (comparison) {
    case '>=':
      return value >= to;
    case '>':
      return value > to;
    case '<=':
      return value <= to;
    case '<':
      return value < to;
    case '=':
      return value === to;
  }
}
