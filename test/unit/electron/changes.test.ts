import { expect, it } from 'vitest';
import { changes } from '../../../main/electron/changes.ts';

it('passes on only what differs from the value before', () => {
  const seen: (string | undefined)[] = [];
  const pass = changes<string | undefined>((value) => seen.push(value));
  for (const value of ['a', 'a', 'b', 'a', undefined, undefined]) pass(value);
  expect(seen).toEqual(['a', 'b', 'a', undefined]);
});
