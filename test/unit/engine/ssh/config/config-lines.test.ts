import { describe, expect, it } from 'vitest';
import {
  splitArguments,
  splitCriteria,
  splitDirective,
  splitGroupComment,
} from '#engine/ssh/config/config-lines.ts';

describe('lines', () => {
  it.each([
    ['Port 22', { keyword: 'port', rest: '22' }],
    ['  ProxyCommand = nc "%h" %p  ', { keyword: 'proxycommand', rest: 'nc "%h" %p' }],
    ['User==x', { keyword: 'user', rest: '=x' }],
    ['# Port 22', null],
    ['   ', null],
  ])('%j', (line, directive) => {
    expect(splitDirective(line)).toEqual(directive);
  });

  it.each([
    ['a b', ['a', 'b']],
    [String.raw`a\ b \"c\" 'd\'e' "f\\g" h\i`, ['a b', '"c"', "d'e", 'f\\g', 'h\\i']],
    ['a "" b', ['a', '', 'b']],
    ['a #b', ['a']],
    ['"a', null],
    ["a 'b", null],
    ['', []],
  ])('arguments of %j', (rest, words) => {
    expect(splitArguments(rest)).toEqual(words);
  });

  it.each([
    ['host a user b', ['host', 'a', 'user', 'b']],
    ['host=a user = b', ['host', 'a', 'user', 'b']],
    ['exec "a b=c" host "d"', ['exec', 'a b=c', 'host', 'd']],
    ['exec "a \\" b', ['exec', 'a \\', 'b']],
    ['exec a"b c"d', ['exec', 'ab c', 'd']],
    ['host "a', null],
    ['', []],
  ])('criteria of %j', (rest, words) => {
    expect(splitCriteria(rest)).toEqual(words);
  });

  it.each([
    ['# group: h100', 'h100'],
    ['\t##GROUP : two words \r', 'two words'],
    ['#group:', null],
    ['# groups: h100', null],
    ['# the group: h100', null],
    ['Host a # group: h100', null],
  ])('the group of %j', (line, group) => {
    expect(splitGroupComment(line)).toBe(group);
  });

  it('take a time that grows with their length alone', () => {
    const blanks = ' '.repeat(2_000_000);
    expect(splitDirective(`Port ${blanks}1`)).toEqual({ keyword: 'port', rest: '1' });
    expect(splitDirective(`Port 1${blanks}2`)?.rest.length).toBe(2_000_002);
    expect(splitCriteria(`host a${blanks}user b`)).toEqual(['host', 'a', 'user', 'b']);
  });
});
