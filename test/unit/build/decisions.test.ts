import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const folder = path.join(import.meta.dirname, '..', '..', '..', 'build', 'decisions');
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
const records = readdirSync(folder).filter((name) => name !== 'README.md');
const index = read('README.md');

it.each(records)('%s has the title and the status of a record, and its row in the index', (name) => {
  const number = name.slice(0, 4);
  const [title = '', empty, status = ''] = read(name).split('\n');
  expect(title).toMatch(new RegExp(`^# ${number}: \\S`));
  expect(empty).toBe('');
  expect(status).toMatch(/^Status: .+\. Date: \d{4}-\d\d-\d\d\.$/);
  const [, state = '', date = ''] = /^Status: (.*)\. Date: (.*)\.$/.exec(status) ?? [];
  expect(index).toContain(`| [${number}](${name}) | ${title.slice(8)} | ${date} | ${state} |`);
});

it('names every number once in the index, also one that is not used', () => {
  const numbers = [...index.matchAll(/^\| \[?(\d{4})/gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  expect(numbers.length).toBeGreaterThan(records.length - 1);
});

it('links only to records that are there', () => {
  const texts = ['README.md', ...records].map(read);
  const links = texts.flatMap((text) => [...text.matchAll(/\]\((\d{4}-[^)]+)\)/g)].map(([, link]) => link));
  expect(links.filter((link = '') => !records.includes(link))).toEqual([]);
});
