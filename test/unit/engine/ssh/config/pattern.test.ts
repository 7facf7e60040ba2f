import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expandGlob } from '#engine/ssh/config/glob.ts';
import { matchPattern, matchPatternList } from '#engine/ssh/config/pattern.ts';
import { type Folder, temporaryFolder } from '../../../../support/folder.ts';

describe('patterns', () => {
  it.each([
    ['gpu1', 'gpu?', true],
    ['gpu', 'gpu?', false],
    ['gpu12', 'gpu*', true],
    ['gpu', 'gpu*', true],
    ['a.b.c', '*.b.*', true],
    ['abab', '*ab', true],
    ['aXbXc', 'a*b*d', false],
    ['[1]', '[1]', true],
    ['1', '[1]', false],
    ['A', 'a', false],
    ['', '', true],
    ['', '*', true],
    ['a', '', false],
  ])('%j and %j', (text, pattern, expected) => {
    expect(matchPattern(text, pattern)).toBe(expected);
  });

  it('agree with a regular expression', () => {
    const words = fc.stringMatching(/^[ab*?]{0,8}$/);
    fc.assert(
      fc.property(fc.stringMatching(/^[ab]{0,10}$/), words, (text, pattern) => {
        const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
        expect(matchPattern(text, pattern)).toBe(new RegExp(`^${source}$`).test(text));
      }),
    );
  });

  it('end soon on a text made to take for ever', () => {
    expect(matchPattern('a'.repeat(5000), `${'a*'.repeat(500)}b`)).toBe(false);
  });

  it('in a list are undone by one that is negated', () => {
    expect(matchPatternList('a.b', ['*.b', '!c.b'])).toBe(true);
    expect(matchPatternList('c.b', ['*.b', '!c.b'])).toBe(false);
    expect(matchPatternList('c.b', ['!c.b', '*'])).toBe(false);
    expect(matchPatternList('x', ['!y'])).toBe(false);
  });
});

describe('globs', () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = await temporaryFolder();
    for (const name of ['b/2', 'b/1', 'a/1', 'a/.x', 'plain file']) await folder.write(name, '');
    await mkdir(join(folder.path, 'empty'));
    await symlink('nowhere', join(folder.path, 'broken'));
  });
  afterAll(() => folder.remove());

  it.each([
    ['*/1', ['a/1', 'b/1']],
    ['?/*', ['a/1', 'b/1', 'b/2']],
    ['b/[2-9]', ['b/2']],
    ['plain\\ file', ['plain file']],
    ['broken', ['broken']],
    ['missing', []],
    ['missing/*', []],
    ['plain file/*', []],
    ['a//1', ['a/1']],
  ])('%j', async (pattern, names) => {
    const found = await expandGlob(`${folder.path}/${pattern}`);
    expect(found).toEqual(names.map((name) => join(folder.path, name)));
  });
});
