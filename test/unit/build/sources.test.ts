/** Every source of `main` has a test: under its name, or one that imports it, or one that is named as driving it. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { driven } from './driven.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const aliases = { '#app/': 'app/', '#common/': 'common/', '#engine/': 'engine/' };

function filesBelow(folder: string): readonly string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => file.replaceAll('\\', '/'));
}

/** Types alone and words have tests of other kinds: the compiler, and those of all words. */
function isLogic(file: string): boolean {
  const text = readFileSync(path.join(root, 'main', file), 'utf8');
  return !/\bwords?\b/.test(file) && /^(?:export )?(?:async )?(?:function|const|class|let)\b/m.test(text);
}

/** The sources that a test imports, by their paths below `main`. */
function importsOf(test: string): readonly string[] {
  const text = readFileSync(path.join(root, 'test', test), 'utf8');
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].flatMap(([, name = '']) => {
    const alias = Object.entries(aliases).find(([prefix]) => name.startsWith(prefix));
    if (alias !== undefined) return [name.replace(...alias)];
    const target = path.posix.join('test', path.posix.dirname(test), name);
    return name.startsWith('.') && target.startsWith('main/') ? [target.slice('main/'.length)] : [];
  });
}

const tests = filesBelow('test').filter((file) => !file.startsWith('bench'));
const imported = new Set(tests.flatMap(importsOf));
const named = new Set(
  tests.map((file) => file.replace(/^[^/]+\/(?:engine\/)?/, '').replace(/\.test(?=\.tsx?$)/, '')),
);
const hasTest = (source: string): boolean =>
  imported.has(source) || named.has(source.replace(/^engine\//, ''));
const sources = filesBelow('main').filter(isLogic);
const entries = Object.values(driven).flat();

it('a source without a test of its own is named with the one that drives it', () => {
  expect(sources.length).toBeGreaterThan(300);
  const without = sources.filter((source) => !hasTest(source) && !entries.includes(source));
  // A few at a time may be on their way to their tests.
  expect(without.length, `test these, or name what drives them in driven.ts: ${without}`).toBeLessThan(10);
});

it('what is named there exists, and has no test of its own', () => {
  const gone = entries.filter((entry) => !existsSync(path.join(root, 'main', entry)));
  const missing = Object.keys(driven).filter((test) => !tests.includes(test));
  const tested = entries.filter(hasTest);
  expect({ gone, missing, tested }).toEqual({ gone: [], missing: [], tested: [] });
});
