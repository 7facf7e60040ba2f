/** What the pages of the repository name is there. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..', '..');
const read = (page: string) => readFileSync(path.join(root, page), 'utf8');
const pages = [
  ...readdirSync(root).filter((name) => /^[A-Z]+\.md$/.test(name) && name !== 'CHANGELOG.md'),
  'build/architecture.md',
];

it.each(pages)('%s names only files and folders that are there', (page) => {
  const quoted = [...read(page).matchAll(/`((?:main|renderer|preload|build|test)\/[\w./-]*)`/g)];
  const linked = [...read(page).matchAll(/\]\(((?!https?:)[^)#]+)\)|(?:src|srcset)="([^"]+)"/g)];
  const named = [
    ...quoted.map(([, file = '']) => file),
    ...linked.map(([, link, source]) => link ?? source ?? ''),
  ];
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
});

it('commands that the pages name are scripts of the package', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Record<string, string> };
  const named = pages.flatMap((page) =>
    [...read(page).matchAll(/npm run ([\w-]+)/g)].map(([, name = '']) => name),
  );
  expect(named).toContain('dev');
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});
