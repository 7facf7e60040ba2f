/** What the configuration says of one host: everything a connection to it depends on. */

import { expandJump, type TargetMeanings } from './expand.ts';

export interface ResolvedHost {
  readonly alias: string;
  /** The command line with which a person reaches the same host. */
  readonly command: string;
  /** What to give to `ssh` to reach the same host: the configuration, user and port where they are named, the host. */
  readonly args: readonly string[];
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly proxy: HostProxy;
  /** ConnectTimeout; null when the configuration sets none. */
  readonly connectTimeoutMs: number | null;
  /** AddressFamily, as node:net takes it; 0 is any. */
  readonly addressFamily: 0 | 4 | 6;
  readonly bindAddress: string | null;
  readonly identity: Identity;
  /** The ways to log in that the configuration allows, in the order to try them. */
  readonly methods: readonly LoginMethod[];
  readonly hostKeys: HostKeyRules;
  readonly system: SystemNeeds;
}

/** What the configuration asks for that only the system's own ssh can do, or has at hand. */
export interface SystemNeeds {
  readonly pkcs11: boolean;
  readonly fdPass: boolean;
  readonly hostBased: boolean;
  readonly gssapi: boolean;
  /** Whether a ControlPath is set, at which the user may have a connection open. */
  readonly controlPath: boolean;
  /** RevokedHostKeys or KnownHostsCommand. */
  readonly hostKeySources: boolean;
}

export type LoginMethod = 'publickey' | 'keyboard-interactive' | 'password';

export type HostProxy =
  | { readonly kind: 'none' }
  /** ProxyJump: the hops in travelling order, the outermost first. */
  | { readonly kind: 'jump'; readonly hops: readonly JumpHop[] }
  /** ProxyCommand with its tokens expanded. */
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'unsupported'; readonly reason: string };

export interface JumpHop {
  readonly host: string;
  readonly user: string | null;
  readonly port: number | null;
}

export interface Identity {
  /** Private (or public) key files as absolute paths, in the order to try. The defaults need not exist. */
  readonly files: readonly string[];
  readonly identitiesOnly: boolean;
  /** The agent's socket; null when there is none to ask. */
  readonly agentSocket: string | null;
  readonly certificateFiles: readonly string[];
}

export interface HostKeyRules {
  readonly strict: 'yes' | 'ask' | 'accept-new' | 'no';
  /** HostKeyAlias: the name to look up instead of host name and port. */
  readonly alias: string | null;
  readonly userFiles: readonly string[];
  readonly globalFiles: readonly string[];
  /** HashKnownHosts: whether to write names hashed. */
  readonly hashNames: boolean;
}

/** Equal for two hosts exactly when one connection can serve both: same target, same way, same keys, same rules. */
export function connectionKey(host: ResolvedHost): string {
  const known = connectionKeys.get(host);
  if (known !== undefined) return known;
  const { alias: _alias, command: _command, args: _args, ...what } = host;
  const key = JSON.stringify(what);
  connectionKeys.set(host, key);
  return key;
}

/** Each measurement asks several times for that of its host, which is a kilobyte. */
const connectionKeys = new WeakMap<ResolvedHost, string>();

/**
 * Equal for all hosts that are answered by the same sshd, for any user and login. Two names of one address count as
 * two servers: to find out would cost a look-up before every connection, and what their sshd drops then is tried again.
 */
export function serverKey({
  proxy,
  hostname,
  port,
}: Pick<ResolvedHost, 'proxy' | 'hostname' | 'port'>): string {
  return JSON.stringify([proxy, hostname, port]);
}

/**
 * Reads a ProxyJump value (`[user@]host[:port]` or `ssh://...`, separated by commas) with the tokens that stand for its
 * target; null for `none` and for nothing. An IPv6 address stands in brackets. As in ssh.c, the last hop is read before its
 * tokens are expanded, and the text of those before it when they are: ssh hands them on to the ssh of the last hop. Throws
 * a plain Error that quotes a hop it cannot read, or says which token it does not know.
 */
export function readJump(value: string, target: TargetMeanings): JumpHop[] | null {
  const { last, before } = splitJump(value);
  if (last === null) return null;
  const hops = before.map((text) => parseHop(expandJump(text, target)));
  return [...hops, expandHop(last, target)];
}

/** The last hop with its tokens raw, and the text of those before it; null for `none` and for nothing. */
export function splitJump(value: string): { last: JumpHop | null; before: readonly string[] } {
  if (value === '' || value.toLowerCase() === 'none') return { last: null, before: [] };
  const texts = value.split(',');
  return { last: parseHop(texts.at(-1) ?? ''), before: texts.slice(0, -1) };
}

/** A hop whose tokens stand for `target`. Errors as {@link readJump}. */
export function expandHop({ host, user, port }: JumpHop, target: TargetMeanings): JumpHop {
  const expanded = {
    host: expandJump(host, target),
    user: user === null ? null : expandJump(user, target),
    port,
  };
  if (expanded.host === '' || expanded.host.startsWith('-'))
    throw new Error(`unreadable jump host "${expanded.host}"`);
  return expanded;
}

function parseHop(text: string): JumpHop {
  const parts =
    /^(ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:/[\]@]+))(?::(\d{0,5}))?\/?$/.exec(text.trim()) ?? [];
  const [, scheme, user = null, address, name, port] = parts;
  const host = address ?? name;
  if (host === undefined || host.startsWith('-')) throw new Error(`unreadable jump host "${text}"`);
  const isUri = scheme !== undefined;
  return {
    host,
    user: user !== null && isUri ? decodeUser(user) : user,
    port: port ? Number(port) : null,
  };
}

/** In a URI a user may be written with `%40` for `@`. */
function decodeUser(user: string): string {
  try {
    return decodeURIComponent(user);
  } catch {
    throw new Error(`unreadable user "${user}" of a jump host`);
  }
}
