import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitWords } from '#common/split-words.ts';
import { shellWord } from '#common/text.ts';

describe('splitWords', () => {
  it.each([
    ['', []],
    ['  --a   b ', ['--a', 'b']],
    [`--x '{"a": 1}' "it's" a\\ b`, ['--x', '{"a": 1}', "it's", 'a b']],
    [`'' ""`, ['', '']],
    [`a'b'"c"`, ['abc']],
    ['$(x) `y` *', ['$(x)', '`y`', '*']],
  ])('%j', (line, words) => expect(splitWords(line)).toEqual(words));

  it('has no answer for a quote that stays open', () => {
    expect(splitWords("--x 'a")).toBeNull();
    expect(splitWords('--x "a')).toBeNull();
  });

  it('reads back what is quoted for a shell', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        expect(splitWords(words.map(shellWord).join(' '))).toEqual(words);
      }),
    );
  });
});
