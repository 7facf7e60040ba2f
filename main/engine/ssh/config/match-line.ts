/** `Match` lines of ssh_config(5), judged as OpenSSH does (match_cfg_line in readconf.c), as far as that is known here. */

import { splitCriteria } from './config-lines.ts';
import { matchPatternList } from './pattern.ts';

export type MatchVerdict =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  /** It depends on what only ssh itself finds out, or ssh would refuse the line. */
  | { readonly kind: 'unknown'; readonly why: string };

/** What the criteria are compared with, at the moment when the line is reached. */
export interface MatchSubject {
  readonly originalHost: string;
  readonly host: string;
  readonly user: string;
  readonly localUser: string;
  /** Whether this is the second reading, which `final` and canonicalisation cause. */
  readonly finalPass: boolean;
}

const withoutArgument = new Set(['all', 'canonical', 'final']);

/** Judges what follows `Match`. One criterion that fails decides, whatever is unknown about the others. */
export function judgeMatch(rest: string, subject: MatchSubject): MatchVerdict {
  const criteria = parseCriteria(rest);
  if (typeof criteria === 'string') return unknown(criteria);
  const verdicts = criteria.map((criterion) => judge(criterion, subject));
  return (
    verdicts.find(({ kind }) => kind === 'no') ??
    verdicts.find(({ kind }) => kind === 'unknown') ?? { kind: 'yes' }
  );
}

/** Whether the line makes ssh read the configuration a second time; it does so whether or not the line applies. */
export function wantsFinalPass(rest: string): boolean {
  const criteria = parseCriteria(rest);
  return typeof criteria !== 'string' && criteria.some(({ name }) => name === 'final');
}

/** Whether the lines of the configuration alone decide it: no program, no network and no name server. */
export function judgedByLinesAlone(rest: string): boolean {
  const criteria = parseCriteria(rest);
  // Should ssh ever read the line otherwise than this, one of these words is in it all the same.
  if (typeof criteria === 'string' || /exec|localnetwork/i.test(rest)) return false;
  return criteria.every(({ name }) => decidedByLines.has(name));
}

const decidedByLines = new Set(['all', 'canonical', 'final', 'host', 'originalhost', 'user', 'localuser']);

interface Criterion {
  readonly name: string;
  readonly negated: boolean;
  readonly argument: string;
}

/** The criteria, or what is wrong with the line. */
function parseCriteria(rest: string): readonly Criterion[] | string {
  const words = splitCriteria(rest);
  if (words === null) return 'a quote is not closed';
  const criteria: Criterion[] = [];
  const next = words.values();
  for (const word of next) {
    if (word === '' || word.startsWith('#')) break;
    const negated = word.startsWith('!');
    const name = word.slice(negated ? 1 : 0).toLowerCase();
    const argument = withoutArgument.has(name) ? null : (next.next().value ?? '');
    if (argument === '' || argument?.startsWith('#')) return `Match ${name} has no argument`;
    criteria.push({ name, negated, argument: argument ?? '' });
  }
  if (criteria.length === 0) return 'Match has no criterion';
  const all = criteria.findIndex(({ name }) => name === 'all');
  if (all !== -1 && (all > 1 || all < criteria.length - 1)) return 'Match all stands with other criteria';
  return criteria;
}

function judge({ name, negated, argument }: Criterion, subject: MatchSubject): MatchVerdict {
  const verdict = (holds: boolean): MatchVerdict => ({ kind: holds === negated ? 'no' : 'yes' });
  const patterns = argument.split(',');
  switch (name) {
    case 'all':
      return verdict(true);
    case 'canonical':
    case 'final':
      return verdict(subject.finalPass);
    case 'host':
      return verdict(matchHostname(subject.host, argument));
    case 'originalhost':
      return verdict(matchHostname(subject.originalHost, argument));
    case 'user':
      return verdict(matchPatternList(subject.user, patterns));
    case 'localuser':
      return verdict(matchPatternList(subject.localUser, patterns));
    case 'exec':
      return unknown(`Match exec is not run: ${argument}`);
    default:
      return unknown(`Match ${name} is not known`);
  }
}

function matchHostname(host: string, patterns: string): boolean {
  return matchPatternList(host.toLowerCase(), patterns.toLowerCase().split(','));
}

function unknown(why: string): MatchVerdict {
  return { kind: 'unknown', why };
}
