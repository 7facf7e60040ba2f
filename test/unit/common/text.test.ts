import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText, shellWord } from '#common/text.ts';

const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

describe('plainText', () => {
  it.each([
    ['plain', 'plain'],
    ['  two\nlines\t ', 'two lines'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007after', 'after'],
    ['left\u202eright', 'left right'],
    ['a\u0000b', 'a b'],
    ['arabic\u061cmark', 'arabic mark'],
    ['a\u00ad\u180e\u200d\u2064\ufeff\ufff9b', 'a b'],
    ['a\u{e0041}\u{e007f}\u3164\u115fb', 'a b'],
    ['Größe 東京 😀 مرحبا', 'Größe 東京 😀 مرحبا'],
    ['', ''],
  ])('%j', (raw, expected) => {
    expect(plainText(raw)).toBe(expected);
  });

  it('leaves as it is what is harmless', () => {
    for (const text of ['org/model-1', 'a b  c', '~!', '']) expect(plainText(text)).toBe(text);
    expect(plainText(' a')).toBe('a');
    expect(plainText('a ')).toBe('a');
  });

  it('bounds the length and says that something is missing', () => {
    expect(plainText('x'.repeat(10_000_000), 10)).toBe(`${'x'.repeat(9)}…`);
    expect(plainText('exactly ten', 11)).toBe('exactly ten');
    // A pair of surrogates is not torn apart.
    expect(() => encodeURIComponent(plainText('😀😀😀', 4))).not.toThrow();
  });

  it('never lets a control or bidirectional character through, nor more than asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (raw, most) => {
        const text = plainText(raw, most);
        expect(text.length).toBeLessThanOrEqual(most);
        expect(unseen.test(text)).toBe(false);
      }),
    );
  }, 30_000);
});

describe('shellWord', () => {
  it.each([
    ['gpu-01', 'gpu-01'],
    ['me@gpu.example:22', 'me@gpu.example:22'],
    ['two words', `'two words'`],
    [`it's; rm -rf $HOME`, `'it'\\''s; rm -rf $HOME'`],
    ['', `''`],
    ['=name', `'=name'`],
    ['a=b', 'a=b'],
    ['wow!', `'wow'\\!`],
    ['C:\\x', `'C:'\\\\'x'`],
  ])('%j', (word, quoted) => {
    expect(shellWord(word)).toBe(quoted);
  });
});
