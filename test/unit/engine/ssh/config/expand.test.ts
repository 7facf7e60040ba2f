import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  connectionHash,
  expandCommand,
  expandInclude,
  expandJump,
  expandPath,
  type Meanings,
  namedHomes,
  unexpandable,
} from '#engine/ssh/config/expand.ts';

const meanings: Meanings = {
  alias: 'gpu',
  hostname: 'gpu-01.example',
  port: 2222,
  user: 'ada',
  hostKeyAlias: null,
  home: '/home/me',
  env: { KEYS: '/keys', PERCENT: '%h' },
  localUser: 'me',
  homes: new Map([['bob', '/home/bob']]),
  jumpHost: 'jump',
};

describe('a path', () => {
  it.each([
    ['~/.ssh/id', '/home/me/.ssh/id'],
    ['~bob/id', '/home/bob/id'],
    ['id', '/home/me/id'],
    ['/abs/%h-%p-%r-%n', '/abs/gpu-01.example-2222-ada-gpu'],
    ['%d/%u/%%', '/home/me/me/%'],
    ['%d/%k', '/home/me/gpu'],
    ['/%j', '/jump'],
    // Once: what a variable holds is not read again.
    [`\${KEYS}/\${PERCENT}`, '/keys/%h'],
  ])('%s is %s', (value, expected) => {
    expect(expandPath(value, meanings)).toBe(expected);
  });

  it.each([
    ['/%z', '%z is not known'],
    ['/%', '% is not known'],
    [`/\${UNSET}`, 'is not set'],
    [`/\${KEYS`, 'is not a variable'],
    ['~nobody/x', 'no user nobody'],
  ])('%s is none', (value, why) => {
    expect(unexpandable(value, meanings)).toContain(why);
  });

  it('knows %j only where the installed ssh does', () => {
    const older = { ...meanings, jumpRules: { inHash: false, hasToken: false } };
    expect(unexpandable('/%j', older)).toContain('%j is not known');
    const sha1 = (text: string) => createHash('sha1').update(`${hostname()}${text}`).digest('hex');
    expect(expandPath('/%C', older)).toBe(`/${sha1('gpu-01.example2222ada')}`);
    expect(expandPath('/%C', meanings)).toBe(`/${connectionHash(meanings, 'jump')}`);
    expect(connectionHash(meanings, 'jump')).toBe(sha1('gpu-01.example2222adajump'));
  });
});

it('the homes that a text names are those of other users, where a path begins', () => {
  expect(namedHomes('~bob/a ~/b x~no "~eve/c" a=~kim ~bob')).toEqual(['bob', 'eve', 'kim', 'bob']);
});

describe('an Include', () => {
  it('is expanded but for ~', () => {
    expect(expandInclude(`~/%u/\${KEYS}`, meanings)).toEqual({ kind: 'text', text: '~/me//keys' });
  });

  it.each([
    ['%h.conf', 'passed over: %h depends on the host'],
    [`\${UNSET}.conf`, 'passed over'],
    ['%z.conf', 'refused by ssh'],
  ])('%s: %s', (pattern, why) => {
    expect(expandInclude(pattern, meanings)).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining(why),
    });
  });
});

describe('a command for the shell', () => {
  it('has the tokens of the target', () => {
    expect(expandCommand('nc %h %p %% %r %n', meanings)).toBe('nc gpu-01.example 2222 % ada gpu');
  });

  it.each(['$(id)', 'a b', "a'b", '-oProxyCommand=x', 'a;b', 'a\nb'])('takes no name like %j', (user) => {
    expect(() => expandCommand('nc %r', { ...meanings, user })).toThrow('must not reach a shell');
    expect(() => expandJump('%r@jump', { ...meanings, user })).toThrow('ProxyJump');
  });

  it('has no token of a path', () => {
    expect(() => expandCommand('nc %d', meanings)).toThrow('unknown token %d');
  });
});
