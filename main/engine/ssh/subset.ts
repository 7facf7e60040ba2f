import { splitArguments } from './config-lines.ts';
import type { ConfigItem } from './config-walk.ts';
import type { OptionValues } from './interpret.ts';
import { matchPatternList } from './pattern.ts';

/** Keywords of one word; the first value wins. */
const single = new Set([
  'hostname',
  'port',
  'user',
  'identityagent',
  'identitiesonly',
  'stricthostkeychecking',
  'hostkeyalias',
  'hashknownhosts',
  'connecttimeout',
  'addressfamily',
  'bindaddress',
  'proxyusefdpass',
]);
/** Keywords whose values add up. */
const cumulative = new Set(['identityfile', 'certificatefile']);
const lists = new Set(['userknownhostsfile', 'globalknownhostsfile']);
/** Words that `ssh -G` prints in lower case. */
const words = new Set([
  'identitiesonly',
  'stricthostkeychecking',
  'hashknownhosts',
  'addressfamily',
  'proxyusefdpass',
]);

const defaults: ReadonlyArray<readonly [string, readonly string[]]> = [
  ['identityfile', ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519']],
  ['userknownhostsfile', ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']],
  ['globalknownhostsfile', ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']],
];

/**
 * The values for one alias, computed without `ssh -G`: for a computer without an `ssh` program, and for a configuration
 * that ssh refuses as a whole because of one bad line. A subset of ssh_config(5): the keywords listed above, ProxyJump
 * and ProxyCommand; `Host` with wildcards and negation, Include inside blocks, the first value wins. Of `Match` only
 * `Match all` counts, every other `Match` block is passed over; no canonicalisation; /etc/ssh/ssh_config is not read.
 */
export function computeSubset(alias: string, items: readonly ConfigItem[]): OptionValues {
  const values = new Map<string, string[]>();
  const outer: boolean[] = [];
  let active = true;
  for (const item of items) {
    if (item.kind === 'enter') outer.push(active);
    else if (item.kind === 'leave') active = outer.pop() ?? true;
    else if (item.keyword === 'host' || item.keyword === 'match') {
      // A block in an included file can narrow what its Include stands in, never widen it.
      active = (outer.at(-1) ?? true) && matches(alias, item.keyword, item.rest);
    } else if (active) apply(values, item.keyword, item.rest);
  }
  for (const [keyword, value] of defaults) if (!values.has(keyword)) values.set(keyword, [...value]);
  const hostname = (values.get('hostname')?.[0] ?? alias).replace(/%([%h])/g, (_, letter: string) =>
    letter === 'h' ? alias : '%',
  );
  return values.set('hostname', [hostname.toLowerCase()]);
}

function matches(alias: string, keyword: 'host' | 'match', rest: string): boolean {
  const patterns = splitArguments(rest) ?? [];
  if (keyword === 'host') return matchPatternList(alias, patterns);
  return patterns.length === 1 && patterns[0]?.toLowerCase() === 'all';
}

function apply(values: Map<string, string[]>, keyword: string, rest: string): void {
  if (keyword === 'proxycommand' || keyword === 'proxyjump') {
    // Of the two, the one that stands first counts and the other does not.
    if (!values.has('proxycommand') && !values.has('proxyjump')) values.set(keyword, [rest]);
    return;
  }
  const [first, ...more] = splitArguments(rest) ?? [];
  if (first === undefined) return;
  const known = values.get(keyword);
  if (cumulative.has(keyword)) values.set(keyword, [...new Set([...(known ?? []), first])]);
  else if (known !== undefined) return;
  else if (lists.has(keyword)) values.set(keyword, [first, ...more]);
  else if (single.has(keyword)) values.set(keyword, [words.has(keyword) ? first.toLowerCase() : first]);
}
