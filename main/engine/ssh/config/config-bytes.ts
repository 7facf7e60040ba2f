/** The bytes of an ssh_config file as lines. ssh reads bytes; it knows no encoding but one that keeps ASCII as it is. */

export interface DecodedConfig {
  readonly text: string;
  /** Why ssh reads something else than a person sees, or refuses the file; null for plain text. */
  readonly flaw: { readonly line: number; readonly what: string } | null;
}

const saveAsUtf8 = 'save it as UTF-8 without a byte order mark';

/** Decodes as ssh does: a line ends for it at a NUL, and a byte order mark belongs to the first word, which it refuses. */
export function decodeConfig(bytes: Buffer, platform: NodeJS.Platform = process.platform): DecodedConfig {
  const wide = wideEncoding(bytes);
  if (wide !== null)
    return {
      text: '',
      flaw: { line: 1, what: `it is written in ${wide}, which ssh cannot read; ${saveAsUtf8}` },
    };
  const whole = bytes.toString('utf8');
  const hasMark = whole.startsWith('\ufeff');
  const text = (hasMark ? whole.slice(1) : whole).replace(/\0[^\n]*/g, '');
  // Windows' own ssh passes over it.
  if (hasMark && platform !== 'win32')
    return {
      text,
      flaw: { line: 1, what: `it begins with a byte order mark, which ssh refuses; ${saveAsUtf8}` },
    };
  return { text, flaw: flawWithin(whole) };
}

function flawWithin(whole: string): DecodedConfig['flaw'] {
  const at = whole.search(/[\0\ufffd]/);
  if (at === -1) return null;
  const line = whole.slice(0, at).split('\n').length;
  if (whole[at] === '\0') return { line, what: 'a NUL byte, at which ssh ends the line' };
  return { line, what: 'characters that are not UTF-8; names with them are not found' };
}

/** By its mark, or by a NUL in every other byte of the beginning. */
function wideEncoding(bytes: Buffer): string | null {
  const [first = 1, second = 1, third = 1, fourth = 1] = bytes;
  if (first === 0xff && second === 0xfe)
    return third === 0 && fourth === 0 && bytes.length > 3 ? 'UTF-32' : 'UTF-16';
  if (first === 0xfe && second === 0xff) return 'UTF-16';
  if (first === 0 && second === 0 && third === 0xfe && fourth === 0xff) return 'UTF-32';
  const beginning = [...bytes.subarray(0, 64)];
  const nulsAt = (rest: number): boolean =>
    beginning.length >= 4 && beginning.every((byte, at) => (byte === 0) === (at % 2 === rest));
  return nulsAt(0) || nulsAt(1) ? 'UTF-16' : null;
}
