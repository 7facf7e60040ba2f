import { describe, expect, it } from 'vitest';
import { parseGlob } from '#engine/ssh/config/glob-pattern.ts';

/** Whether the one component of the glob matches the name; null where the glob can match nothing. */
function matches(pattern: string, name: string): boolean | null {
  const parts = parseGlob(pattern);
  if (parts === null) return null;
  const [part] = parts;
  return part?.kind === 'wildcard' ? part.matches(name) : part?.name === name;
}

describe('a glob of an Include', () => {
  it('has components, of which some are names', () => {
    expect(parseGlob('/etc//ssh/*.conf')?.map((part) => (part.kind === 'name' ? part.name : '*'))).toEqual([
      'etc',
      'ssh',
      '*',
    ]);
  });

  it.each([
    ['*.conf', 'a.conf', true],
    ['*.conf', 'a.conf~', false],
    ['a*b*c', 'axxbyybc', true],
    ['a*b*c', 'axxbyyb', false],
    ['?', 'a', true],
    // A wildcard stands for a byte, and this letter has two.
    ['?', 'ü', false],
    ['??', 'ü', true],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[]a]', ']', true],
    ['[[:digit:][:upper:]]', '7', true],
    ['[[:digit:][:upper:]]', 'a', false],
    ['[a', '[a', true],
    [String.raw`\*`, '*', true],
    [String.raw`\*`, 'a', false],
    [String.raw`a\[b]`, 'a[b]', true],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  it('matches no name with a leading dot, unless it begins with one', () => {
    expect([matches('*', '.hidden'), matches('?*', '.a'), matches('[.]a', '.a')]).toEqual([
      false,
      false,
      false,
    ]);
    expect([matches('.*', '.hidden'), matches('.*', '..')]).toEqual([true, true]);
  });

  it.each(['[a/b]', '[[:nonsense:]]', '[+-/]'])('%s can match nothing', (pattern) => {
    expect(parseGlob(pattern)).toBeNull();
  });
});
