import { expect, it } from 'vitest';
import { textsIn } from './dictionaries.ts';

const english = await textsIn('en');

/** Words that make a reader guess who does what. */
const avoided = [
  'by (?:itself|themselves)',
  'nobody',
  'somebody',
  'someone else',
  'whoever',
  'tells?|told',
  'mend',
  'outlives?',
  'as it stands',
  'let it go',
  'so (?:many|much)',
  'face of the app',
];

it.each(avoided)('no English text has %s', (words) => {
  const pattern = new RegExp(`\\b(?:${words})\\b`, 'i');
  expect(english.filter(({ text }) => pattern.test(text))).toEqual([]);
});
