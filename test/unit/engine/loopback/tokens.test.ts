import { expect, it } from 'vitest';
import { newToken, sameSecret } from '#engine/loopback/tokens.ts';

it('tokens are long, need no escapes and never come twice', () => {
  const tokens = Array.from({ length: 100 }, newToken);
  for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/);
  expect(new Set(tokens).size).toBe(100);
});

it('a secret is the same as itself alone, whatever the length of the other', () => {
  const token = newToken();
  expect(sameSecret(token, token)).toBe(true);
  for (const given of ['', token.slice(1), `${token}x`, newToken(), token.toUpperCase()])
    expect(sameSecret(token, given)).toBe(false);
});
