import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const { subjectFault } = (await import(pathToFileURL(path.join(root, 'build', 'commit-form.mjs')).href)) as {
  readonly subjectFault: (subject: string) => string | null;
};

it.each(['window: one header row', 'ssh, forward: a name', `a: ${'x'.repeat(69)}`])('takes %s', (subject) => {
  expect(subjectFault(subject)).toBeNull();
});

it.each([
  ['One header row', 'is not of the form "area: summary"'],
  ['window:', 'is not of the form "area: summary"'],
  ['Window: it', 'is not of the form "area: summary"'],
  [`a: ${'x'.repeat(70)}`, 'has 73 letters, and 72 is the most'],
])('refuses %s', (subject, fault) => {
  expect(subjectFault(subject)).toBe(fault);
});
