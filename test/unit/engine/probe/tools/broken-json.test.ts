import { expect, test } from 'vitest';
import { parseBrokenJsons } from '#engine/probe/tools/broken-json.ts';

test.each([
  ['{"a": [1, {"b": "x"}, {"c": "y', { a: [1, { b: 'x' }] }],
  ['[WARN] slow\n[12] {\n {"a": "\\"}"}\nWARNING: {', { a: '"}' }],
  ['{"a": 1} {"b": 2}', { a: 1 }],
  ['  [\n  {"a": 1},\n  {"a"', [{ a: 1 }]],
  ['[]', []],
  ['{"a": 1]', undefined],
  ['no {"a": 1}', undefined],
])('the JSON in %j', (text, value) => {
  expect(parseBrokenJsons(text)[0]).toEqual(value);
});

test.each([
  ['{"a": 1}\n{"b": 2}\nWARNING\n[{"c": 3}]', [{ a: 1 }, { b: 2 }, [{ c: 3 }]]],
  ['gpu1:\n[\n {"a": 1}\n]\ngpu2:\n[\n {"a": 2', [[{ a: 1 }]]],
  ['[\n {"a": 1, "b": [\n  {"c": 2', [[{ a: 1 }]]],
  ['nothing', []],
])('all of the JSON in %j', (text, values) => {
  expect(parseBrokenJsons(text)).toEqual(values);
});
