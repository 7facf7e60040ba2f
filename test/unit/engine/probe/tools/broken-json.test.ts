import { expect, test } from 'vitest';
import { parseBrokenJson } from '#engine/probe/broken-json.ts';

test.each([
  ['{"a": [1, {"b": "x"}, {"c": "y', { a: [1, { b: 'x' }] }],
  ['[WARN] slow\n[12] {\n {"a": "\\"}"}\nWARNING: {', { a: '"}' }],
  ['{"a": 1} {"b": 2}', { a: 1 }],
  ['  [\n  {"a": 1},\n  {"a"', [{ a: 1 }]],
  ['[]', []],
  ['{"a": 1]', undefined],
  ['no {"a": 1}', undefined],
])('the JSON in %j', (text, value) => {
  expect(parseBrokenJson(text)).toEqual(value);
});
