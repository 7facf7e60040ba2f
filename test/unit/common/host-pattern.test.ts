import { expect, it } from 'vitest';
import { readPattern } from '#common/host-pattern.ts';

it('reads a regular expression', () => {
  expect(readPattern('^gpu-\\d+$')?.test('gpu-07')).toBe(true);
  expect(readPattern('')?.test('anything')).toBe(true);
});

it.each(['(', '[a', 'x'.repeat(501)])('takes %j for none', (text) => expect(readPattern(text)).toBeNull());
