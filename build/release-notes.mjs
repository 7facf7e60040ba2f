/**
 * `node build/release-notes.mjs v0.2.0`: prints what CHANGELOG.md says of that version. Fails where the tag is not the version of
 * package.json, or the changelog has no dated section of it.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The text below `## [VERSION] - DATE`; throws an Error with one sentence where there is none. */
export function notesOf(changelog, tag, version) {
  if (tag !== `v${version}`) throw new Error(`The tag is ${tag}, and package.json has ${version}.`);
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.startsWith(`[${version}] - `));
  if (section === undefined) throw new Error(`CHANGELOG.md has no section [${version}] with a date.`);
  const [heading, ...lines] = section.split('\n');
  if (!/ - \d{4}-\d\d-\d\d$/.test(heading)) throw new Error(`The section [${version}] has no date.`);
  const notes = lines.join('\n').trim();
  if (notes === '') throw new Error(`The section [${version}] is empty.`);
  return `${notes}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const read = (name) => readFileSync(path.join(import.meta.dirname, '..', name), 'utf8');
  try {
    const { version } = JSON.parse(read('package.json'));
    process.stdout.write(notesOf(read('CHANGELOG.md'), process.argv[2], version));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
