/** The words that build/glossary.md forbids stand nowhere outside quotations. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..', '..');
const forbidden =
  /\b(?:by itself|by themselves|nobody|somebody|whoever|told|mend(?:s|ed)?|as (?:it|they) stands?|politely|makeWay)\b|\b(?:Told|Ride)\b/gi;

const folders = ['main', 'renderer', 'preload', 'build', '.github', '.ci'];
const pages = readdirSync(root).filter((name) => /^[A-Z]+\.md$/.test(name));
const files = [...folders.flatMap(filesBelow), ...pages]
  .filter((file) => /\.(?:tsx?|mjs|css|html|md|ya?ml|json)$/.test(file))
  // The glossary names them, and what was released is not written anew.
  .filter((file) => !['build/glossary.md', 'CHANGELOG.md'].includes(file));

function filesBelow(folder: string): readonly string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
}

/** The forbidden words of a text, each with its line; what stands in quotation marks or backticks of a page is quoted. */
function found(file: string): readonly string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const own = file.endsWith('.md') ? text.replaceAll(/`[^`\n]*`|"[^"\n]*"/g, '') : text;
  return own
    .split('\n')
    .flatMap((line, at) => [...line.matchAll(forbidden)].map(([word]) => `${file}:${at + 1}: ${word}`));
}

const all = files.flatMap(found);

it.each([...folders, ''])('no forbidden word is in %j', (folder) => {
  const here = all.filter((one) => (folder === '' ? !one.includes('/') : one.startsWith(`${folder}/`)));
  expect(here).toEqual([]);
});

it('reads the sources and pages, and finds such a word where there is one', () => {
  expect(files.length).toBeGreaterThan(400);
  expect(files).toContain('README.md');
  expect([...'Nobody told whoever rides.'.matchAll(forbidden)].map(([word]) => word)).toEqual([
    'Nobody',
    'told',
    'whoever',
  ]);
});
