import type { ConfigItem } from './config-walk.ts';
import { expandPath, unexpandable } from './expand.ts';
import { meaningsOf, type OptionValues, type Surroundings } from './interpret.ts';
import { canonicalHost } from './option-values.ts';
import type { JumpHop } from './resolved.ts';
import { hostSoFar, noteUndecided, type Reading, readPass, type Undecided } from './subset-reading.ts';

export interface Subset {
  readonly values: OptionValues;
  /** Where ssh might come to other values: what is named there is left out of these. */
  readonly undecided: readonly Undecided[];
}

const defaults: ReadonlyArray<readonly [string, readonly string[]]> = [
  ['identityfile', ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519']],
  ['userknownhostsfile', ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']],
  ['globalknownhostsfile', ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']],
];

/** Keywords whose tokens and variables are expanded when ssh connects, and those that `ssh -G` shows expanded. */
const expandedLater = ['identityfile', 'certificatefile'];
const expandedHere = ['userknownhostsfile', 'identityagent'];

/**
 * The values for one host, computed without `ssh -G`: for a computer without an `ssh` program, and for a configuration
 * that ssh refuses as a whole because of one bad line. A subset of ssh_config(5), and equal to ssh where nothing is
 * undecided: the keywords of option-values.ts and subset-reading.ts; `Host`; `Match` with all, final, canonical, host,
 * originalhost, user and localuser; Include inside blocks; the first value wins. `Match exec` is never run and no name is
 * looked up. `files` are the user's and the system's configuration, in this order.
 */
export function computeSubset(
  { host: alias, user, port }: JumpHop,
  files: readonly (readonly ConfigItem[])[],
  surroundings: Surroundings,
): Subset {
  const reading: Reading = {
    alias,
    localUser: surroundings.localUser,
    values: new Map(),
    undecided: new Map(),
    finalPassWanted: false,
  };
  const set = (keyword: string, text: string): void => {
    reading.values.set(keyword, [{ text, file: '', line: 0 }]);
  };
  if (user !== null) set('user', user);
  if (port !== null) set('port', String(port));
  for (const items of files) readPass(reading, items, null);
  const hostname = reading.values.get('hostname')?.[0];
  if (hostname !== undefined && /%[^%h]/.test(hostname.text.replaceAll('%%', '')))
    noteUndecided(reading, hostname, 'HostName has a token that is not known');
  const host = canonicalHost(hostSoFar(reading));
  noteCanonicalisation(reading, host);
  if (reading.finalPassWanted || canonicalises(reading)) {
    set('hostname', host);
    for (const items of files) readPass(reading, items, host);
  }
  set('hostname', host);
  expandValues(reading, surroundings);
  const values = new Map<string, readonly string[]>(defaults);
  for (const [keyword, found] of reading.values)
    values.set(
      keyword,
      found.map(({ text }) => text),
    );
  return { values, undecided: [...reading.undecided.values()] };
}

function canonicalises({ values }: Reading): boolean {
  return ['yes', 'always'].includes(values.get('canonicalizehostname')?.[0]?.text ?? 'no');
}

/** Tells when ssh would ask the name servers for the full name (resolve_canonicalize in ssh.c). */
function noteCanonicalisation(reading: Reading, host: string): void {
  const { values } = reading;
  const word = (keyword: string): string | undefined => values.get(keyword)?.[0]?.text;
  const isNone = (keyword: string): boolean => (word(keyword) ?? 'none').toLowerCase() === 'none';
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
  const isDirect = isNone('proxyjump') && isNone('proxycommand');
  const always = word('canonicalizehostname') === 'always';
  if (isAddress || (!isDirect && !always)) return;
  const dots = host.split('.').length - 1;
  const inDomains = dots <= Number(word('canonicalizemaxdots') ?? 1) && !isNone('canonicaldomains');
  const searched = canonicalises(reading) && (host.endsWith('.') || inDomains);
  const cause = searched
    ? values.get('canonicalizehostname')?.[0]
    : isNone('canonicalizepermittedcnames')
      ? undefined
      : values.get('canonicalizepermittedcnames')?.[0];
  if (cause !== undefined)
    noteUndecided(reading, cause, 'the host name is not looked up (CanonicalizeHostname)');
}

/** No path: nothing at all, or the name of a variable that holds the agent's. */
function isWord(text: string): boolean {
  return text.toLowerCase() === 'none' || text === 'SSH_AUTH_SOCK' || /^\$\w+$/.test(text);
}

/** Does to the values what ssh does; what it would refuse is reported and left out. */
function expandValues(reading: Reading, surroundings: Surroundings): void {
  const texts = new Map(
    [...reading.values].map(([keyword, values]) => [keyword, values.map(({ text }) => text)]),
  );
  const meanings = meaningsOf(reading.alias, texts, surroundings);
  for (const keyword of [...expandedLater, ...expandedHere]) {
    const values = reading.values.get(keyword);
    if (values === undefined) continue;
    const kept = values.flatMap((value) => {
      if (isWord(value.text)) return [value];
      const why = unexpandable(value.text, meanings);
      if (why === null)
        return [
          expandedHere.includes(keyword) ? { ...value, text: expandPath(value.text, meanings) } : value,
        ];
      noteUndecided(reading, value, `${why} in ${keyword}`);
      // A file of known hosts that is not there knows no host; the usual one in its place could know too much.
      return keyword === 'userknownhostsfile' ? [value] : [];
    });
    reading.values.set(keyword, kept);
  }
  // Only newer versions of ssh expand these.
  const [user] = reading.values.get('user') ?? [];
  if (user !== undefined && user.line > 0 && /%|\$\{/.test(user.text))
    noteUndecided(reading, user, 'tokens in User are not expanded');
}
