/** The known_hosts file: the format of sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT", read and judged as OpenSSH's hostfile.c does. */

import { createHash, createHmac } from 'node:crypto';
import { cutLoose } from '#common/text.ts';
import { matchPatternList } from '../config/pattern.ts';

export interface KnownHostEntry {
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  /** Patterns separated by commas, or one hashed name `|1|salt|hash`. */
  readonly hosts: string;
  /** Also at the beginning of the key: `ssh-ed25519`. */
  readonly type: string;
  readonly base64: string;
  readonly file: string;
  readonly line: number;
}

/** The name under which a host's keys are known, and the one to try when nothing is known under the first. */
export interface LookupName {
  readonly name: string;
  readonly fallback: string | null;
}

export type HostKeyVerdict =
  | { readonly kind: 'known' }
  /** `certAuthority`: the host is known by an authority that signs its keys, which this client cannot check. */
  | { readonly kind: 'unknown'; readonly certAuthority: boolean }
  | {
      readonly kind: 'changed';
      readonly knownFingerprints: readonly string[];
      readonly file: string;
      readonly line: number;
    }
  | { readonly kind: 'revoked'; readonly file: string; readonly line: number };

export const saltBytes = 20;

/** HostKeyAlias as it is; else the lower-case host name, `[name]:port` for another port than 22 with the bare name behind. */
export function lookupName(hostname: string, port: number, hostKeyAlias: string | null): LookupName {
  if (hostKeyAlias !== null) return { name: hostKeyAlias.toLowerCase(), fallback: null };
  const bare = hostname.toLowerCase();
  return port === 22 ? { name: bare, fallback: null } : { name: `[${bare}]:${port}`, fallback: bare };
}

/** One entry per usable line of {@link parseKnownHost}. */
export function parseKnownHosts(text: string, file: string): KnownHostEntry[] {
  return text.split('\n').flatMap((raw, index) => parseKnownHost(raw, file, index + 1) ?? []);
}

/**
 * The entry of a line; null for comments, unknown markers and keys of SSH 1. Unlike OpenSSH, a marker may be followed by a
 * tab: a key that was meant to be revoked is better refused.
 */
export function parseKnownHost(raw: string, file: string, line: number): KnownHostEntry | null {
  const fields = raw
    .replace(/\r$/, '')
    .replace(/^[ \t]+/, '')
    .split(/[ \t]+/);
  const marker = markerOf(fields[0] ?? '');
  if (marker === null) return null;
  const [hosts, type, base64] = marker === 'none' ? fields : fields.slice(1);
  if (hosts === undefined || hosts.startsWith('#') || type === undefined || base64 === undefined) return null;
  return { marker, hosts, type, base64, file, line };
}

/**
 * Matches each raw line that may say something of the host, and few others: of a fleet's file nearly all name another one, and
 * to take them apart for each host takes longer than to log in to it. A hashed name and a wildcard may mean any host.
 */
export function linesAbout({ name, fallback }: LookupName): RegExp {
  const literal = (text: string): string => text.replace(/\W/g, '\\$&');
  const either = [name, ...(fallback === null ? [] : [fallback])].map(literal).join('|');
  return new RegExp(`[|*?]|(?:^|[\\s,!])(?:${either})[\\s,]`, 'i');
}

/** Those that say something of the host, without the text of the files: a connection keeps them as long as it lasts. */
export function entriesAbout(
  entries: readonly KnownHostEntry[],
  { name, fallback }: LookupName,
): KnownHostEntry[] {
  return entries
    .filter(({ hosts }) => names(hosts, name) || (fallback !== null && names(hosts, fallback)))
    .map((entry) => ({
      ...entry,
      hosts: cutLoose(entry.hosts),
      type: cutLoose(entry.type),
      base64: cutLoose(entry.base64),
    }));
}

function markerOf(field: string): KnownHostEntry['marker'] | null {
  if (field === '@revoked') return 'revoked';
  if (field === '@cert-authority') return 'cert-authority';
  return field.startsWith('@') ? null : 'none';
}

interface KnownKey {
  readonly entry: KnownHostEntry;
  readonly key: Buffer;
}

/** The entries for one name whose key is a whole one of its type. */
export function entriesFor(entries: readonly KnownHostEntry[], name: string): KnownKey[] {
  return entries.flatMap((entry) => {
    if (!names(entry.hosts, name)) return [];
    const key = decode(entry.base64);
    return key !== null && isWhole(key, entry.type) ? [{ entry, key }] : [];
  });
}

/** How many strings and numbers a key of this type has, its type among them (RFC 4253, 5656, 8709; PROTOCOL.u2f). */
const parts: Readonly<Record<string, number>> = {
  'ssh-ed25519': 2,
  'ssh-rsa': 3,
  'ssh-dss': 5,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
  'sk-ssh-ed25519@openssh.com': 3,
  'sk-ecdsa-sha2-nistp256@openssh.com': 4,
};
const ed25519Bytes = 32;

/**
 * Whether a key has all its parts and nothing besides. As for ssh, a line that a full disk has cut short is no entry: it
 * would be another key of its host, and make the right one look changed.
 */
function isWhole(key: Buffer, type: string): boolean {
  if (keyType(key) !== type) return false;
  let at = 0;
  let count = 0;
  let length = 0;
  for (; at + 4 <= key.length; at += 4 + length) {
    length = key.readUInt32BE(at);
    count += 1;
  }
  if (at !== key.length || count < 2) return false;
  if (type === 'ssh-ed25519' && length !== ed25519Bytes) return false;
  return count === (Object.hasOwn(parts, type) ? parts[type] : count);
}

/** Node's own reading of base64 passes over whatever does not belong there, and over what is missing. */
function decode(base64: string): Buffer | null {
  const strict = base64.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(base64);
  return strict ? Buffer.from(base64, 'base64') : null;
}

function names(hosts: string, name: string): boolean {
  if (!hosts.startsWith('|')) {
    const patterns = hosts.toLowerCase();
    // Nearly all lines are about other hosts: those without a wildcard are passed over without being taken apart.
    if (!patterns.includes(name) && !/[*?]/.test(patterns)) return false;
    return matchPatternList(name, patterns.split(','));
  }
  const salt = decode(/^\|1\|([^|]+)\|/.exec(hosts)?.[1] ?? '');
  return salt?.length === saltBytes && hosts === hashName(name, salt);
}

/** `|1|salt|hash`, the salt as long as the hash is (HMAC-SHA1). */
export function hashName(name: string, salt: Buffer): string {
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

/**
 * Judges a host's key. As in OpenSSH (check_hostkeys_by_key_or_type) a key of another type than the known ones has
 * changed, too: the known types are asked for first, so the host no longer has any of them. Unlike OpenSSH, a key that
 * is revoked under the bare name counts as revoked on every port.
 */
export function judgeHostKey(
  entries: readonly KnownHostEntry[],
  { name, fallback }: LookupName,
  key: Buffer,
): HostKeyVerdict {
  const own = entriesFor(entries, name);
  const bare = fallback === null ? [] : entriesFor(entries, fallback);
  const same = (known: KnownKey): boolean => known.key.equals(key);
  const revoked = [...own, ...bare].find((known) => known.entry.marker === 'revoked' && same(known));
  if (revoked !== undefined) return { kind: 'revoked', file: revoked.entry.file, line: revoked.entry.line };
  const plain = own.filter(({ entry }) => entry.marker === 'none');
  if (plain.some(same)) return { kind: 'known' };
  const type = keyType(key);
  const offending = plain.find(({ entry }) => entry.type === type) ?? plain[0];
  if (offending !== undefined) {
    const knownFingerprints = plain.map((known) => `${known.entry.type} ${fingerprint(known.key)}`);
    return { kind: 'changed', knownFingerprints, file: offending.entry.file, line: offending.entry.line };
  }
  if (bare.some((known) => known.entry.marker === 'none' && same(known))) return { kind: 'known' };
  const certAuthority = own.some(({ entry }) => entry.marker === 'cert-authority');
  return { kind: 'unknown', certAuthority };
}

/** The types of the keys known for the name (or else for its fallback), in the order of the files, each once. */
export function knownKeyTypes(entries: readonly KnownHostEntry[], { name, fallback }: LookupName): string[] {
  const types = (of: string): string[] =>
    entriesFor(entries, of)
      .filter(({ entry }) => entry.marker === 'none')
      .map(({ entry }) => entry.type);
  const own = types(name);
  return [...new Set(own.length > 0 || fallback === null ? own : types(fallback))];
}

/** `SHA256:...` in base64 without padding, as ssh and ssh-keygen -l print it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type a key in SSH wire format (RFC 4253, 6.6) begins with; empty when it is none. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 64 || length > key.length - 4 ? '' : key.toString('latin1', 4, 4 + length);
}
