/** The name that a person may have meant. */

import { expect, it } from 'vitest';
import { didYouMean, sentences } from '../../../main/cli/suggest.ts';

const names = ['h100-01', 'H200-01', 'login'];

it.each([
  ['h100-1', 'Did you mean h100-01?'],
  ['h20-01', 'Did you mean H200-01?'],
  ['LOGIN', 'Did you mean login?'],
  ['login', ''],
  ['entirely-else', ''],
  ['', ''],
  ['x'.repeat(1000), ''],
])('for %j', (typed, answer) => {
  expect(didYouMean(typed, names)).toBe(answer);
});

it('sentences stand one after the other, without the empty ones', () => {
  expect(sentences('One.', '', 'Two.')).toBe('One. Two.');
  expect(didYouMean('a', [])).toBe('');
});
