import { splitArguments } from './config-lines.ts';
import type { ConfigItem } from './config-walk.ts';
import { judgeMatch, wantsFinalPass } from './match-line.ts';
import { otherNames, singleValues } from './option-values.ts';
import { matchPatternList } from './pattern.ts';

export interface Place {
  readonly file: string;
  readonly line: number;
}

/** What only ssh itself would know, or what it would refuse. */
export interface Undecided extends Place {
  readonly what: string;
}

export interface Value extends Place {
  readonly text: string;
}

/** The values of one host while its configuration is read. */
export interface Reading {
  readonly alias: string;
  readonly localUser: string;
  readonly values: Map<string, readonly Value[]>;
  /** By what they say, so that a second pass tells nothing twice. */
  readonly undecided: Map<string, Undecided>;
  finalPassWanted: boolean;
}

/** Keywords whose values add up. */
const cumulative = new Set(['identityfile', 'certificatefile']);
/** SSH_MAX_IDENTITY_FILES and SSH_MAX_CERTIFICATE_FILES: ssh ends where there are more. */
const mostFiles = 100;
const lists = new Set([
  'userknownhostsfile',
  'globalknownhostsfile',
  'canonicaldomains',
  'canonicalizepermittedcnames',
]);

type Directive = Extract<ConfigItem, { kind: 'directive' }>;

/** Whether the lines of a block count; where that is not known, why. */
type Active = 'yes' | 'no' | Undecided;

/** Reads one file with what it includes. `finalHost` is the host name of the first pass in a second one, and null in the first. */
export function readPass(reading: Reading, items: readonly ConfigItem[], finalHost: string | null): void {
  const outer: Active[] = [];
  let active: Active = 'yes';
  for (const item of items) {
    if (item.kind === 'enter') outer.push(active);
    else if (item.kind === 'leave') active = outer.pop() ?? 'yes';
    else if (item.keyword === 'host' || item.keyword === 'match')
      active = narrow(outer.at(-1) ?? 'yes', judgeBlock(reading, item, finalHost));
    else if (active !== 'no') apply(reading, item, active);
  }
}

/** The host name as far as it is known, `%h` and `%%` expanded. */
export function hostSoFar({ alias, values }: Reading): string {
  const text = values.get('hostname')?.[0]?.text ?? alias;
  return text.replace(/%([%h])/g, (_, letter: string) => (letter === 'h' ? alias : '%'));
}

export function noteUndecided({ undecided }: Reading, { file, line }: Place, what: string): void {
  undecided.set(`${file}:${line} ${what}`, { file, line, what });
}

/** A block in an included file can narrow what its Include stands in, never widen it. */
function narrow(outer: Active, inner: Active): Active {
  if (outer === 'no' || inner === 'no') return 'no';
  return outer === 'yes' ? inner : outer;
}

function judgeBlock(reading: Reading, item: Directive, finalHost: string | null): Active {
  const { alias, localUser, values } = reading;
  if (item.keyword === 'host')
    return matchPatternList(finalHost ?? alias, splitArguments(item.rest) ?? []) ? 'yes' : 'no';
  if (wantsFinalPass(item.rest)) reading.finalPassWanted = true;
  const verdict = judgeMatch(item.rest, {
    originalHost: alias,
    host: finalHost ?? hostSoFar(reading),
    user: values.get('user')?.[0]?.text ?? localUser,
    localUser,
    finalPass: finalHost !== null,
  });
  return verdict.kind === 'unknown' ? { file: item.file, line: item.line, what: verdict.why } : verdict.kind;
}

function apply(reading: Reading, item: Directive, active: 'yes' | Undecided): void {
  const keyword = otherNames.get(item.keyword) ?? item.keyword;
  const { values } = reading;
  const isProxy = keyword === 'proxycommand' || keyword === 'proxyjump';
  const taken = isProxy ? proxyTaken(reading, keyword) : values.has(keyword);
  if (taken && !cumulative.has(keyword)) return;
  const texts = isProxy ? readProxy(keyword, item.rest) : readWords(reading, keyword, item);
  if (texts.length === 0) return;
  if (active !== 'yes') {
    noteUndecided(reading, active, active.what);
    return;
  }
  const before = values.get(keyword) ?? [];
  const added = texts.filter((text) => !before.some((value) => value.text === text));
  if (cumulative.has(keyword) && added.length > 0 && before.length >= mostFiles) {
    noteUndecided(reading, item, `ssh takes at most ${mostFiles} of ${keyword}`);
    return;
  }
  values.set(keyword, [...before, ...added.map((text) => ({ text, file: item.file, line: item.line }))]);
}

/** Of command and jump the one that stands first counts and the other does not, but for a command after `ProxyJump none`. */
function proxyTaken({ values }: Reading, keyword: string): boolean {
  const jump = values.get('proxyjump')?.[0]?.text.toLowerCase();
  return (
    values.has('proxycommand') || (keyword === 'proxyjump' ? jump !== undefined : (jump ?? 'none') !== 'none')
  );
}

/** A command is the rest of the line, unchanged; a list of jump hosts ends at a blank or a comment. */
function readProxy(keyword: string, rest: string): string[] {
  const text = rest.replace(/^[ \t=]+/, '');
  const value = keyword === 'proxyjump' ? (text.split(/[#\s]/, 1)[0] ?? '') : text;
  return value === '' ? [] : [value];
}

/** The values of a line; none for a keyword that does not matter here and for a word that ssh refuses. */
function readWords(reading: Reading, keyword: string, { file, line, rest }: Directive): string[] {
  const read = singleValues.get(keyword);
  if (read === undefined && !cumulative.has(keyword) && !lists.has(keyword)) return [];
  const words = splitArguments(rest) ?? [];
  const [first = ''] = words;
  // As ssh has it, this sets nothing, and a later line still can.
  if (keyword === 'connecttimeout' && first === 'none') return [];
  if (lists.has(keyword)) return words.filter((word) => word !== '');
  const value = read === undefined ? first : read(first);
  if (value !== null && value !== '') return [value];
  noteUndecided(reading, { file, line }, `the value of ${keyword} is not understood`);
  return [];
}
