import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPlainChunks } from '#engine/gateway/plain-chunks.ts';

/** Follows a body that comes in these pieces, as the gateway does; `other` is what a parser is to read. */
function follow(pieces: readonly string[]) {
  let data = '';
  const chunks = createPlainChunks((piece) => {
    data += piece.toString('latin1');
  });
  let kept = '';
  let plain = '';
  for (const [at, piece] of pieces.entries()) {
    const read = Buffer.from(kept + piece, 'latin1');
    const { plain: bytes, rest } = chunks.follow(read);
    plain += read.toString('latin1', 0, bytes);
    kept = rest === 'size' ? read.toString('latin1', bytes) : '';
    if (rest === 'wrong') return { plain, data, other: 'wrong', missing: chunks.missing() };
    if (rest === 'other')
      return { plain, data, other: read.toString('latin1', bytes) + pieces.slice(at + 1).join('') };
  }
  return { plain, data, other: kept, missing: chunks.missing() };
}

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

describe('plain chunks', () => {
  it('pass however they are cut, up to the last one', () => {
    const texts = fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(texts, fc.array(fc.nat()), (parts, cuts) => {
        const plain = parts.map(chunk).join('');
        const end = '0\r\nx-sum: 3\r\n\r\n';
        const body = plain + end;
        const ends = [0, ...cuts.map((cut) => cut % body.length).sort((a, b) => a - b), body.length];
        const pieces = ends.slice(1).map((to, at) => body.slice(ends[at], to));
        expect(follow(pieces)).toEqual({ plain, data: parts.join(''), other: end });
      }),
    );
  });

  it.each([
    ['an extension', '3;a=b\r\nabc\r\n'],
    ['a size of too many digits', '000000003\r\nabc\r\n'],
    ['a size of four gigabytes and more', 'fffffffff\r\n'],
    ['a line that ends without CR', '3\nabc\r\n'],
    ['a sign', '+3\r\nabc\r\n'],
    ['another number', '0x3\r\nabc\r\n'],
    ['no size', '\r\n'],
    ['an answer behind the end', '0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ])('leave %s to the parser', (_name, other) => {
    expect(follow([chunk('one') + other])).toEqual({ plain: chunk('one'), data: 'one', other });
  });

  it.each([
    ['3\r\nabcd', 2],
    ['3\r\nabc\n', 2],
    ['3\r\nabc\rx', 1],
  ])('end where their size says: %j', (body, missing) => {
    expect(follow([body])).toEqual({ plain: body.slice(0, -1), data: 'abc', other: 'wrong', missing });
  });

  it('say how much of one is still to come', () => {
    expect(follow(['5\r\nab'])).toMatchObject({ data: 'ab', missing: 5 });
    expect(follow(['5\r\nabcde\r'])).toMatchObject({ data: 'abcde', missing: 1 });
    expect(follow(['5\r\nabcde\r\n', '1'])).toMatchObject({ missing: 0, other: '1' });
  });
});
