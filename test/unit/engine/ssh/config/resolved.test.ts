import { describe, expect, it } from 'vitest';
import { readJump } from '#engine/ssh/config/resolved.ts';

const target = { alias: 't', hostname: 't.example', port: 22, user: 'me', hostKeyAlias: null };

describe('ProxyJump', () => {
  it.each([
    ['none', null],
    ['', null],
    ['a', [{ host: 'a', user: null, port: null }]],
    ['u@d@a:22', [{ host: 'a', user: 'u@d', port: 22 }]],
    ['ssh://u@[fe80::1%%eth0]:22/', [{ host: 'fe80::1%eth0', user: 'u', port: 22 }]],
  ])('%j', (value, hops) => {
    expect(readJump(value, target)).toEqual(hops);
  });

  it.each(['a,', 'fe80::1', 'a:b', '-oProxyCommand=x', 'u@'])('%j cannot be read', (value) => {
    expect(() => readJump(value, target)).toThrow('unreadable jump host');
  });
});
