/** Follows a body in chunks (RFC 9112, 7.1) that passes by, as far as they are plain: a size, CR LF, so many bytes, CR LF. Pure. */

export interface Followed {
  /** So many of the bytes, from the first one on, are of plain chunks. */
  readonly plain: number;
  /** What the others are: a size that is not whole yet, anything else, or what no chunk may have in this place. */
  readonly rest: 'none' | 'size' | 'other' | 'wrong';
}

export interface PlainChunks {
  /** Reads on. A size that was not whole is to be given again, with what follows it. */
  follow(bytes: Buffer): Followed;
  /** How many bytes of the chunk under way are still to come, with CR LF; 0: none is under way. */
  missing(): number;
}

const cr = 0x0d;
const lf = 0x0a;
const endBytes = 2;
/** Of hexadecimal digits: a chunk of four gigabytes is not plain. */
const mostDigits = 7;

/** `onData` gets what the chunks carry, piece by piece. */
export function createPlainChunks(onData: (piece: Buffer) => void): PlainChunks {
  let left = 0;

  /** Follows the chunk under way; returns how far: where it is not followed to its end or theirs, it is wrong. */
  const followOne = (bytes: Buffer, from: number): number => {
    let at = from;
    const data = Math.min(left - endBytes, bytes.length - at);
    if (data > 0) {
      onData(bytes.subarray(at, at + data));
      at += data;
      left -= data;
    }
    for (; left > 0 && left <= endBytes && at < bytes.length; at += 1) {
      if (bytes[at] !== (left === endBytes ? cr : lf)) break;
      left -= 1;
    }
    return at;
  };

  return {
    missing: () => left,
    follow(bytes) {
      let at = 0;
      for (;;) {
        at = followOne(bytes, at);
        if (at === bytes.length) return { plain: at, rest: 'none' };
        if (left > 0) return { plain: at, rest: 'wrong' };
        const size = sizeAt(bytes, at);
        if (typeof size === 'string') return { plain: at, rest: size };
        at = size.end;
        left = size.bytes + endBytes;
      }
    },
  };
}

/** The size of a chunk, and where it ends. */
function sizeAt(
  bytes: Buffer,
  from: number,
): { readonly bytes: number; readonly end: number } | 'size' | 'other' {
  let at = from;
  let size = 0;
  for (let digit = digitOf(bytes[at]); digit >= 0 && at - from < mostDigits; digit = digitOf(bytes[at])) {
    size = size * 16 + digit;
    at += 1;
  }
  if (at === bytes.length || (bytes[at] === cr && at + 1 === bytes.length)) return 'size';
  // The last chunk has no bytes, and what stands behind it is not plain.
  return size > 0 && bytes[at] === cr && bytes[at + 1] === lf ? { bytes: size, end: at + endBytes } : 'other';
}

/** The value of a hexadecimal digit; -1: it is none. */
function digitOf(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
