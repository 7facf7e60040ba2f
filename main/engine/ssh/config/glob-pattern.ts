/**
 * Globs as OpenSSH reads them in an Include. It brings a glob(3) of its own (OpenBSD's, openbsd-compat/glob.c), as the C
 * libraries' lack what it needs: bytes and not characters, `\` escapes anywhere, `[!a-z]` and `[[:alpha:]]`, a wildcard
 * matches no leading dot, and `.*` matches `.` and `..`.
 */

import { matchTokens } from './star-match.ts';

/** One component of a path: a literal name, or a test of names. */
export type GlobPart =
  | { readonly kind: 'name'; readonly name: string }
  | {
      readonly kind: 'wildcard';
      readonly matches: (name: string) => boolean;
      /** It begins with a dot, so that it matches names that do, among them `.` and `..`. */
      readonly dotted: boolean;
    };

/** Matches one byte, given as its number. */
type ByteTest = (byte: number) => boolean;

interface Byte {
  readonly code: number;
  /** Literally, whatever else it could mean. */
  readonly escaped: boolean;
}

interface Component {
  readonly tokens: (number | 'star' | ByteTest)[];
}

const codeOf = (char: string): number => char.charCodeAt(0);
const slash = codeOf('/');
const dot = codeOf('.');

/** The components of a glob, or null when it can match nothing whatever files there are. */
export function parseGlob(pattern: string): readonly GlobPart[] | null {
  const bytes = readBytes(pattern);
  const components: Component[] = [{ tokens: [] }];
  for (let at = 0; at < bytes.length; ) {
    const { code, escaped } = bytes[at] as Byte;
    const tokens = components.at(-1)?.tokens ?? [];
    const set = code === codeOf('[') && !escaped ? readSet(bytes, at) : undefined;
    if (set === null) return null;
    if (set !== undefined) tokens.push(set.test);
    else if (code === slash) components.push({ tokens: [] });
    else if (code === codeOf('?') && !escaped) tokens.push(() => true);
    else if (code === codeOf('*') && !escaped) tokens.push('star');
    else tokens.push(code);
    at = set?.end ?? at + 1;
  }
  return components.map(toPart).filter((part) => part.kind === 'wildcard' || part.name !== '');
}

function readBytes(pattern: string): Byte[] {
  const bytes: Byte[] = [];
  const raw = Buffer.from(pattern);
  for (let at = 0; at < raw.length; at += 1) {
    const escaped = raw[at] === codeOf('\\') && at + 1 < raw.length;
    if (escaped) at += 1;
    bytes.push({ code: raw[at] ?? 0, escaped });
  }
  return bytes;
}

function toPart({ tokens }: Component): GlobPart {
  const isPlain = tokens.every((token) => typeof token === 'number');
  if (isPlain) return { kind: 'name', name: Buffer.from(tokens as number[]).toString() };
  const dotted = tokens[0] === dot;
  const tests = tokens.map((token) => (typeof token === 'number' ? (byte: number) => byte === token : token));
  const matches = (name: string): boolean =>
    (dotted || !name.startsWith('.')) && matchTokens(Buffer.from(name), tests);
  return { kind: 'wildcard', matches, dotted };
}

interface ByteSet {
  readonly test: ByteTest;
  readonly end: number;
}

/** The set that begins at `[`; undefined when no `]` closes it, null when nothing can match it. */
function readSet(bytes: readonly Byte[], start: number): ByteSet | null | undefined {
  const is = (at: number, char: string): boolean => {
    const byte = bytes[at];
    return byte !== undefined && byte.code === codeOf(char) && !byte.escaped;
  };
  const negated = is(start + 1, '!');
  let at = start + (negated ? 2 : 1);
  const close = bytes.findIndex((_, index) => index > at && is(index, ']'));
  if (close === -1) return undefined;
  const tests: ByteTest[] = [];
  // One that stands first closes nothing.
  for (let first = true; first || !is(at, ']'); first = false) {
    // The bracket that was found closes a class: there glob(3) reads on behind the pattern, which has no meaning.
    if (at >= bytes.length) return null;
    const named = is(at, '[') && is(at + 1, ':') ? readClass(bytes, at, is) : undefined;
    if (named === null) return null;
    if (named !== undefined) {
      tests.push(named.test);
      at = named.end;
      continue;
    }
    const from = bytes[at]?.code ?? 0;
    const isRange = is(at + 1, '-') && at + 2 < bytes.length && !is(at + 2, ']');
    const to = isRange ? (bytes[at + 2]?.code ?? 0) : from;
    // The path is cut there, set or no set, and the halves match nothing.
    if (from === slash || to === slash) return null;
    tests.push((byte) => from <= byte && byte <= to);
    at += isRange ? 3 : 1;
  }
  return { test: (byte) => tests.some((test) => test(byte)) !== negated, end: at + 1 };
}

/** As isalpha(3) and its like know bytes where characters are UTF-8. */
const classes: ReadonlyMap<string, RegExp> = new Map([
  ['alnum', /[A-Za-z\d]/],
  ['alpha', /[A-Za-z]/],
  ['blank', /[ \t]/],
  ['cntrl', /[\u0000-\u001f\u007f]/],
  ['digit', /\d/],
  ['graph', /[!-~]/],
  ['lower', /[a-z]/],
  ['print', /[ -~]/],
  ['punct', /[!-/:-@[-`{-~]/],
  ['space', /[ \t-\r]/],
  ['upper', /[A-Z]/],
  ['xdigit', /[\dA-Fa-f]/],
]);

/** `[:alpha:]` within a set; undefined when it is none, null for one that is not known. */
function readClass(
  bytes: readonly Byte[],
  start: number,
  is: (at: number, char: string) => boolean,
): ByteSet | null | undefined {
  const colon = bytes.findIndex((_, index) => index > start + 1 && is(index, ':'));
  if (colon === -1 || !is(colon + 1, ']')) return undefined;
  const name = String.fromCharCode(...bytes.slice(start + 2, colon).map(({ code }) => code));
  const members = classes.get(name);
  if (members === undefined) return null;
  return { test: (byte) => members.test(String.fromCharCode(byte)), end: colon + 2 };
}
