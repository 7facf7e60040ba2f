import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyOf } from '#engine/sources/prometheus/matchers.ts';

/** What the pattern of a matcher matches, once PromQL has read its text and anchored it. */
function patternOf(matcher: string): RegExp {
  const text = /^instance=~"((?:[^"\\\n]|\\.)*)"$/.exec(matcher)?.[1];
  if (text === undefined) throw new Error(`no matcher of one text: ${matcher}`);
  const pattern = text.replace(/\\(["\\n])/g, (_all, letter: string) => (letter === 'n' ? '\n' : letter));
  return new RegExp(`^(?:${pattern})$`, 'u');
}

const value = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    '.',
    '-',
    ':',
    '|',
    '"',
    '\\',
    '*',
    '\n',
    '[',
    '{',
    '$',
    '}',
    ' ',
    'é',
    '😀',
  ),
  minLength: 1,
  maxLength: 8,
});

it('matches these values and no other, whatever is in them', () => {
  fc.assert(
    fc.property(fc.uniqueArray(value, { minLength: 1, maxLength: 8 }), value, (values, other) => {
      const pattern = patternOf(anyOf('instance', values));
      for (const one of values) expect(pattern.test(one)).toBe(true);
      expect(pattern.test(other)).toBe(values.includes(other));
    }),
  );
});
