/** Single values of ssh_config(5), read as OpenSSH does (readconf.c, misc.c) and written as `ssh -G` prints them. */

import { SocketAddress } from 'node:net';

/** The value as `ssh -G` prints it, or null for a word that ssh refuses. */
export type ReadValue = (word: string) => string | null;

const anyText: ReadValue = (word) => word;
const lowerCase: ReadValue = (word) => word.toLowerCase();

function oneOf(names: Readonly<Record<string, string>>): ReadValue {
  return (word) => names[word.toLowerCase()] ?? null;
}

const yesOrNo = { yes: 'yes', true: 'yes', no: 'no', false: 'no' };
const flag = oneOf(yesOrNo);

function readPort(word: string): string | null {
  if (word === 'ssh') return '22';
  const port = /^\d{1,5}$/.test(word) ? Number(word) : 0;
  return port >= 1 && port <= 65_535 ? String(port) : null;
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `1h30m`: the sum in seconds; a number without a unit is seconds. */
function readTime(word: string): string | null {
  if (!/^(?:\d{1,9}[smhdw])*(?:\d{1,9})?$/i.test(word)) return null;
  let seconds = 0;
  for (const [, count, unit] of word.matchAll(/(\d+)([a-z]?)/gi))
    seconds += Number(count) * (unitSeconds[(unit || 's').toLowerCase()] ?? 1);
  return String(seconds);
}

/** Keywords of one word, of which the first value counts. */
export const singleValues: ReadonlyMap<string, ReadValue> = new Map([
  ['hostname', anyText],
  ['port', readPort],
  ['user', anyText],
  ['identityagent', anyText],
  ['identitiesonly', flag],
  // A word that is not known passes: it is taken for the strictest one there is.
  ['stricthostkeychecking', lowerCase],
  ['hostkeyalias', lowerCase],
  ['hashknownhosts', flag],
  ['connecttimeout', readTime],
  ['addressfamily', oneOf({ any: 'any', inet: 'inet', inet6: 'inet6' })],
  ['bindaddress', anyText],
  ['proxyusefdpass', flag],
  ['preferredauthentications', anyText],
  ['pubkeyauthentication', oneOf({ ...yesOrNo, unbound: 'unbound', 'host-bound': 'host-bound' })],
  ['kbdinteractiveauthentication', flag],
  ['passwordauthentication', flag],
  ['canonicalizehostname', oneOf({ ...yesOrNo, always: 'always' })],
  ['canonicalizemaxdots', (word) => (/^\d{1,9}$/.test(word) ? word : null)],
]);

/** Keywords that are another name for one of those. */
export const otherNames: ReadonlyMap<string, string> = new Map([
  ['identityfile2', 'identityfile'],
  ['dsaauthentication', 'pubkeyauthentication'],
  ['challengeresponseauthentication', 'kbdinteractiveauthentication'],
  ['skeyauthentication', 'kbdinteractiveauthentication'],
  ['tisauthentication', 'kbdinteractiveauthentication'],
]);

/**
 * A host name as ssh uses it: an address in its usual form (`1234` is 0.0.4.210), a name with `:` or `%` as it is written, and of any
 * other the letters of ASCII in lower case.
 */
export function canonicalHost(name: string): string {
  if (!/[:%]/.test(name))
    return canonicalIpv4(name) ?? name.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
  // An address with a zone stays as it is written, and capitals are no other form.
  const address = /^[\da-f:.]*%/i.test(name) ? null : canonicalIpv6(name);
  return address === null || address === name.toLowerCase() ? name : address;
}

function canonicalIpv6(name: string): string | null {
  try {
    return new SocketAddress({ address: name, family: 'ipv6' }).address;
  } catch {
    // ERR_INVALID_ADDRESS: a name with a colon in it.
    return null;
  }
}

/** inet_aton(3) takes fewer than four numbers, the last one filling what is left, each decimal, octal or hexadecimal. */
function canonicalIpv4(name: string): string | null {
  const numbers = name.split('.').map(readNumber);
  const last = numbers.pop() ?? -1;
  if (numbers.length > 3 || last < 0 || last >= 256 ** (4 - numbers.length)) return null;
  if (numbers.some((number) => number < 0 || number > 255)) return null;
  const value = numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
  return [3, 2, 1, 0].map((place) => Math.floor(value / 256 ** place) % 256).join('.');
}

/** -1 for what is no number. */
function readNumber(text: string): number {
  if (/^0x[\da-f]{1,8}$/i.test(text)) return Number.parseInt(text, 16);
  if (/^0[0-7]{0,11}$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : -1;
}
