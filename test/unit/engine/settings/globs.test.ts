import { expect, it } from 'vitest';
import { matchesAny, matchesAnyOrAll } from '#engine/settings/globs.ts';

it('a pattern matches the whole text, whatever its case', () => {
  expect(matchesAny('Qwen/Qwen3-32B', ['qwen/*'])).toBe(true);
  expect(matchesAny('Qwen/Qwen3-32B', ['qwen'])).toBe(false);
  expect(matchesAny('h100-01', ['a*', 'H100-0?'])).toBe(true);
  expect(matchesAny('h100-01', [])).toBe(false);
});

it('a list that names nothing may mean everything', () => {
  expect(matchesAnyOrAll('x', [])).toBe(true);
  expect(matchesAnyOrAll('x', ['y'])).toBe(false);
});
