/** Takes names out of a report that is handed to another person. Pure. */

/** Something that a report must not show. */
export interface PrivateName {
  readonly kind: PrivateKind;
  readonly text: string;
}

/** What a name is of; the word that stands for it begins with this: `host-1`. A home folder becomes `~`. */
export type PrivateKind =
  | 'host'
  | 'hostname'
  | 'domain'
  | 'address'
  | 'user'
  | 'model'
  | 'key'
  | 'id'
  | 'home';

/** A host name or address with all by which it is known: `gpu1.example.org` also as `gpu1`, and its domain. */
export function hostnameParts(text: string): readonly PrivateName[] {
  if (text === 'localhost' || isLoopback.test(text)) return [];
  if (isAddress.test(text)) return [{ kind: 'address', text }];
  const [label = '', ...domain] = text.split('.');
  const domains = domain.slice(0, -1).map((_, at) => domain.slice(at).join('.'));
  return [
    { kind: 'hostname', text },
    ...(domain.length === 0 ? [] : [{ kind: 'hostname', text: label } as const]),
    ...domains.map((suffix) => ({ kind: 'domain', text: suffix }) as const),
  ];
}

/**
 * Returns a function that puts a word without meaning in the place of every one of these names, whatever their case, the
 * longest first, and of all that looks like an address, a dotted name, `user@host`, a home folder, a fingerprint or a
 * UUID. A name counts where it is no part of a longer run of letters and digits. The same name gets the same word in every
 * text. Addresses of the loopback stay.
 */
export function createRedactor(names: readonly PrivateName[]): (text: string) => string {
  const words = createWords();
  // Without a letter or digit it names nothing: a home folder `/`.
  for (const { kind, text } of names) if (letter.test(text)) words.of(kind, text);
  const lengths = [...new Set(words.all().map(([name]) => name.length))].sort((a, b) => b - a);
  const cutAtEnd = createBeginnings(words);

  const nameAt = (lower: string, at: number): Found | null => {
    for (const length of lengths) {
      const name = lower.slice(at, at + length);
      const word = name.length === length && endsAt(lower, at + length) ? words.get(name) : undefined;
      if (word !== undefined) return { length, word };
    }
    return null;
  };

  return (text) => {
    const lower = lowerCase(text);
    const cut = cutAtEnd(lower);
    const end = cut === null ? text.length : text.length - ellipsis.length - cut.length;
    let redacted = '';
    for (let at = 0; at < end; ) {
      const found = startsAt(text, at) ? longer(nameAt(lower, at), privateAt(text, at, words)) : null;
      redacted += found === null ? text.charAt(at) : found.word;
      at += found?.length ?? 1;
    }
    return cut === null ? redacted : redacted + cut.word + ellipsis;
  };
}

interface Found {
  readonly length: number;
  readonly word: string;
}

/** The first one where they are equally long. */
function longer(a: Found | null, b: Found | null): Found | null {
  return b === null || (a !== null && a.length >= b.length) ? a : b;
}

const letter = /[\p{L}\p{N}]/u;

function startsAt(text: string, at: number): boolean {
  return at === 0 || !letter.test(text.charAt(at - 1)) || !letter.test(text.charAt(at));
}

function endsAt(text: string, end: number): boolean {
  return end >= text.length || !letter.test(text.charAt(end)) || !letter.test(text.charAt(end - 1));
}

const ipv4 = '\\d{1,3}(?:\\.\\d{1,3}){3}';
// Written out, or with `::` somewhere; a time such as 12:30:05 is neither.
const ipv6 =
  '(?:[\\da-f]{1,4}:){4,7}[\\da-f]{1,4}|(?:[\\da-f]{1,4}(?::[\\da-f]{1,4})*)?::(?:[\\da-f]{1,4}(?::[\\da-f]{1,4})*)?';
const isAddress = new RegExp(`^(?:${ipv4}|${ipv6})$`, 'i');
const isLoopback = /^(?:127(?:\.\d{1,3}){3}|0\.0\.0\.0|::1?)$/;

/** What is private by its form. The keys are the kinds of the words; the first form that fits counts. */
const forms = new RegExp(
  [
    // Without a bound a long run without an `@` would be looked through from each of its letters.
    '(?<at>[\\p{L}\\p{N}._+-]{1,256}@[\\p{L}\\p{N}_-]+(?:\\.[\\p{L}\\p{N}_-]+)*)',
    '(?<user>(?<=/home/|/Users/|\\\\Users\\\\)[^/\\\\\\s:;,\'"]+)',
    '(?<key>SHA256:[\\w+/]{43}|MD5:(?:[\\da-f]{2}:){15}[\\da-f]{2})',
    '(?<id>[\\da-f]{8}-(?:[\\da-f]{4}-){3}[\\da-f]{12})',
    `(?<address>(?<![\\p{L}\\p{N}.:])(?:${ipv4}(?![\\p{L}\\p{N}]|\\.\\d)|(?:${ipv6})(?![\\p{L}\\p{N}:])))`,
    // With two dots or more, and no part of a path: `node7.cluster.example`, not `config.json`.
    '(?<hostname>(?<![\\p{L}\\p{N}._-])(?<!(?<!/)/)(?:[\\p{L}\\p{N}_-]+\\.){2,}\\p{L}{2,}(?![\\p{L}\\p{N}]))',
  ].join('|'),
  'iuy',
);

function privateAt(text: string, at: number, words: Words): Found | null {
  forms.lastIndex = at;
  const { 0: match = '', groups = {} } = forms.exec(text) ?? {};
  if (match === '') return null;
  const { length } = match;
  if (groups.at !== undefined) {
    const sign = match.lastIndexOf('@');
    const user = words.of('user', match.slice(0, sign));
    return { length, word: `${user}@${words.of('hostname', match.slice(sign + 1))}` };
  }
  if (groups.address !== undefined && isLoopback.test(match)) return { length, word: match };
  const kinds = ['user', 'key', 'id', 'address', 'hostname'] as const;
  return { length, word: words.of(kinds.find((kind) => groups[kind] !== undefined) ?? 'id', match) };
}

/** The words that were given, by name in lower case. */
interface Words {
  /** A name that has none yet gets the next one of its kind. */
  of(kind: PrivateKind, name: string): string;
  get(lowerName: string): string | undefined;
  all(): readonly (readonly [lowerName: string, word: string])[];
}

function createWords(): Words {
  const byName = new Map<string, string>();
  const counts = new Map<PrivateKind, number>();
  return {
    of(kind, name) {
      const given = byName.get(lowerCase(name));
      if (given !== undefined || name === '') return given ?? '';
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      const word = kind === 'home' ? '~' : `${kind}-${count}`;
      // Upper and lower case may be longer than the name itself: `ß` becomes `SS`.
      for (const form of [name, name.toUpperCase(), name.toLowerCase()]) byName.set(lowerCase(form), word);
      return word;
    },
    get: (lowerName) => byName.get(lowerName),
    all: () => [...byName],
  };
}

/** Lower case, letter by letter, so that every place in the text stays where it was. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from(text, (one) => (one.toLowerCase().length === one.length ? one.toLowerCase() : one)).join(
    '',
  );
}

const ellipsis = '…';
/** Fewer letters of a name tell nothing. */
const leastCut = 3;

/** The words of names by what they begin with, for texts that were cut within one. */
function createBeginnings(words: Words): (lower: string) => Found | null {
  const byStart = new Map<string, string>();
  let longest = 0;
  for (const [name, word] of words.all()) {
    for (let length = leastCut; length < name.length; length += 1) {
      const start = name.slice(0, length);
      if (!byStart.has(start)) byStart.set(start, word);
      longest = Math.max(longest, length);
    }
  }
  // A whole name differs from the beginning of a longer one.
  for (const [name, word] of words.all()) if (byStart.has(name)) byStart.set(name, word);
  return (lower) => {
    if (!lower.endsWith(ellipsis)) return null;
    const end = lower.length - ellipsis.length;
    for (let length = Math.min(longest, end); length >= leastCut; length -= 1) {
      const word = startsAt(lower, end - length) ? byStart.get(lower.slice(end - length, end)) : undefined;
      if (word !== undefined) return { length, word };
    }
    return null;
  };
}
