/** What ports have answered, as long as the same process has them. */

import { describe, expect, it } from 'vitest';
import { createAnswers } from '#engine/this-computer/answers.ts';
import { candidate, page, answers as serves } from '../../../support/this-computer.ts';

const kinds = (known: ReadonlyMap<number, { kind: string }>) =>
  [...known].map(([port, { kind }]) => [port, kind]);

describe('answers', () => {
  it('are known by port, and forgotten when the port or its process has changed', () => {
    const known = createAnswers();
    const [one, two] = [candidate(1, { pid: 10 }), candidate(2, { pid: 20 })];
    const note = known.begin();
    note(one, serves());
    note(two, page);
    expect(kinds(known.of([one, two]))).toEqual([
      [1, 'server'],
      [2, 'no-models'],
    ]);
    expect(kinds(known.of([candidate(1, { pid: 11 }), two]))).toEqual([[2, 'no-models']]);
    expect(kinds(known.of([one, two]))).toEqual([[2, 'no-models']]);
    expect(kinds(known.of([]))).toEqual([]);
  });

  it('stay when the table names their process at last, or once not, but not when it is another one', () => {
    const known = createAnswers();
    known.begin()(candidate(1, { pid: null }), serves());
    expect(kinds(known.of([candidate(1, { pid: 10 })]))).toEqual([[1, 'server']]);
    expect(kinds(known.of([candidate(1, { pid: null })]))).toEqual([[1, 'server']]);
    expect(kinds(known.of([candidate(1, { pid: 11 })]))).toEqual([]);
    known.noteRefusing([candidate(2, { pid: null })], [candidate(2)]);
    expect(kinds(known.of([candidate(2, { pid: 20 })]))).toEqual([]);
  });

  it('of an earlier look that come late do not replace those of a later one', () => {
    const known = createAnswers();
    const [early, late] = [known.begin(), known.begin()];
    late(candidate(1), serves());
    early(candidate(1), page);
    expect(kinds(known.of([candidate(1)]))).toEqual([[1, 'server']]);
  });

  it('are refusals where nothing listens, and those end when something does', () => {
    const known = createAnswers();
    const both = [candidate(1), candidate(2)];
    known.begin()(candidate(2), serves());
    known.noteRefusing(both, [candidate(1)]);
    expect(kinds(known.of(both))).toEqual([
      [2, 'server'],
      [1, 'refused'],
    ]);
    known.noteRefusing(both, []);
    expect(kinds(known.of(both))).toEqual([[2, 'server']]);
  });
});
