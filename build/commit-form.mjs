/**
 * `node build/commit-form.mjs BEFORE`: whether the subject of each commit after BEFORE is `area: summary` in at most 72 letters, as
 * CONTRIBUTING.md says. Ends with 1 where one is not, and names it. Where BEFORE is no commit here, only the latest one is read.
 */

import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

/** What is wrong with the subject of a commit; null: nothing. */
export function subjectFault(subject) {
  if (subject.length > 72) return `has ${subject.length} letters, and 72 is the most`;
  return /^[a-z0-9,\- ]+: \S/.test(subject) ? null : 'is not of the form "area: summary"';
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function subjectsAfter(before) {
  try {
    return git('log', '--no-merges', '--format=%s', `${before}..HEAD`);
  } catch {
    // Not a commit of this repository: all zeroes for a first push.
    return git('log', '-1', '--no-merges', '--format=%s');
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const faults = subjectsAfter(process.argv[2] ?? '')
    .split('\n')
    .filter((subject) => subject !== '')
    .flatMap((subject) => {
      const fault = subjectFault(subject);
      return fault === null ? [] : [`${JSON.stringify(subject)} ${fault}`];
    });
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
