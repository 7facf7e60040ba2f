import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText, shellWord } from '#common/text.ts';

describe('plainText', () => {
  it.each([
    ['plain', 'plain'],
    ['  two\nlines\t ', 'two lines'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007after', 'after'],
    ['left\u202eright', 'left right'],
    ['a\u0000b', 'a b'],
    ['', ''],
  ])('%j', (raw, expected) => {
    expect(plainText(raw)).toBe(expected);
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
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
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
  ])('%j', (word, quoted) => {
    expect(shellWord(word)).toBe(quoted);
  });
});
