/** `Match` lines, judged as ssh judges them; what it alone can judge is unknown. */

import { describe, expect, it } from 'vitest';
import { judgeMatch, type MatchSubject, wantsFinalPass } from '#engine/ssh/config/match-line.ts';

const subject: MatchSubject = {
  originalHost: 'gpu1',
  host: 'gpu1.example.org',
  user: 'root',
  localUser: 'me',
  finalPass: false,
};
const judge = (rest: string, more: Partial<MatchSubject> = {}) =>
  judgeMatch(rest, { ...subject, ...more }).kind;

describe('a Match line', () => {
  it.each([
    ['all', 'yes'],
    ['ALL', 'yes'],
    ['!all', 'no'],
    ['host *.example.org', 'yes'],
    ['host GPU1.EXAMPLE.ORG', 'yes'],
    ['host gpu1', 'no'],
    ['!host gpu1', 'yes'],
    ['originalhost gpu1', 'yes'],
    ['host a,*.org', 'yes'],
    ['host !gpu1*,*.org', 'no'],
    ['user root', 'yes'],
    ['user ROOT', 'no'],
    ['localuser me user root', 'yes'],
    ['localuser me user other', 'no'],
    ['host "*.example.org"', 'yes'],
    ['host *.org # a comment', 'yes'],
    ['final', 'no'],
    ['canonical', 'no'],
    ['exec "true"', 'unknown'],
    ['exec true host gpu1', 'no'],
    ['exec true host *.org', 'unknown'],
    ['version 9', 'unknown'],
    ['', 'unknown'],
    ['host', 'unknown'],
    ['host # gpu1', 'unknown'],
    ['host "gpu1', 'unknown'],
    // As in ssh, one criterion may stand before it.
    ['user root all', 'yes'],
    ['user root host *.org all', 'unknown'],
    ['all user root', 'unknown'],
    ['final all', 'no'],
  ])('%j is judged %s', (rest, kind) => {
    expect(judge(rest)).toBe(kind);
  });

  it('says why it is unknown', () => {
    expect(judgeMatch('exec /bin/x', subject)).toEqual({
      kind: 'unknown',
      why: 'Match exec is not run: /bin/x',
    });
    expect(judgeMatch('host "a', subject)).toEqual({ kind: 'unknown', why: 'a quote is not closed' });
  });

  it('for the second reading applies in it alone', () => {
    expect(judge('final', { finalPass: true })).toBe('yes');
    expect(judge('canonical all', { finalPass: true })).toBe('yes');
    expect(wantsFinalPass('final host nowhere')).toBe(true);
    expect(wantsFinalPass('!final')).toBe(true);
    expect(wantsFinalPass('canonical')).toBe(false);
    expect(wantsFinalPass('final "')).toBe(false);
  });
});
