import { messageOf } from '#common/failure.ts';
import {
  absolutePath,
  expandCommand,
  expandPath,
  type JumpRules,
  type LocalMeanings,
  type Meanings,
  unexpandable,
} from './expand.ts';
import {
  type HostKeyRules,
  type HostProxy,
  type Identity,
  type LoginMethod,
  type ResolvedHost,
  readJump,
  splitJump,
} from './resolved.ts';

/** Values by lower-case keyword as `ssh -G` prints them; a keyword with several values has several entries. */
export type OptionValues = ReadonlyMap<string, readonly string[]>;

export interface Surroundings extends LocalMeanings {
  readonly jumpRules?: JumpRules | undefined;
}

/** Keywords whose values `ssh -G` prints as they are written; it has expanded all others but the proxy's. */
const rawPaths = ['identityfile', 'certificatefile'];

/** What these values stand for, for one host. */
export function meaningsOf(alias: string, options: OptionValues, surroundings: Surroundings): Meanings {
  const one = (keyword: string): string | null => options.get(keyword)?.[0] ?? null;
  const { jumpRules, ...local } = surroundings;
  return {
    ...local,
    alias,
    hostname: one('hostname') ?? alias.toLowerCase(),
    port: Number(one('port') ?? 22),
    user: one('user') ?? surroundings.localUser,
    hostKeyAlias: one('hostkeyalias'),
    jumpHost: jumpHostOf(one('proxyjump') ?? ''),
    ...(jumpRules !== undefined && { jumpRules }),
  };
}

function jumpHostOf(value: string): string {
  try {
    return splitJump(value).last?.host ?? '';
  } catch {
    // The proxy says what is wrong with it.
    return '';
  }
}

/** Why ssh gives up on a host with these values before it connects; null when it does not. */
export function refusedValue(
  alias: string,
  options: OptionValues,
  surroundings: Surroundings,
): string | null {
  const meanings = meaningsOf(alias, options, surroundings);
  for (const keyword of rawPaths)
    for (const value of pathsOf(options, keyword)) {
      const why = unexpandable(value, meanings);
      if (why !== null) return `${keyword} ${value}: ${why}`;
    }
  return null;
}

function pathsOf(options: OptionValues, keyword: string): string[] {
  return (options.get(keyword) ?? []).filter((value) => !isNone(value));
}

/**
 * Makes a ResolvedHost of the values for one alias. What `ssh -G` leaves raw is expanded: the proxy and the files of keys
 * and certificates, without those of {@link refusedValue}.
 */
export function interpret(
  alias: string,
  options: OptionValues,
  surroundings: Surroundings,
): Omit<ResolvedHost, 'command' | 'args'> {
  const { home } = surroundings;
  const one = (keyword: string): string | null => options.get(keyword)?.[0] ?? null;
  const meanings = meaningsOf(alias, options, surroundings);
  const { hostname, port, user, hostKeyAlias } = meanings;
  const files = (keyword: string): string[] =>
    pathsOf(options, keyword).map((value) => absolutePath(value, home));
  const rawFiles = (keyword: string): string[] =>
    pathsOf(options, keyword)
      .filter((value) => unexpandable(value, meanings) === null)
      .map((value) => expandPath(value, meanings));
  const timeoutSeconds = Number(one('connecttimeout') ?? 'none');
  return {
    alias,
    hostname,
    port,
    user,
    proxy: proxyOf(one, meanings),
    connectTimeoutMs: timeoutSeconds > 0 ? timeoutSeconds * 1000 : null,
    addressFamily: one('addressfamily') === 'inet' ? 4 : one('addressfamily') === 'inet6' ? 6 : 0,
    bindAddress: one('bindaddress'),
    identity: identityOf(one, rawFiles, meanings),
    methods: methodsOf(one),
    hostKeys: {
      strict: strictness(one('stricthostkeychecking')),
      alias: hostKeyAlias,
      userFiles: files('userknownhostsfile'),
      globalFiles: files('globalknownhostsfile'),
      hashNames: one('hashknownhosts') === 'yes',
    },
    system: {
      pkcs11: isSet(one('pkcs11provider')),
      fdPass: one('proxyusefdpass') === 'yes',
      hostBased: one('hostbasedauthentication') === 'yes',
      gssapi: one('gssapiauthentication') === 'yes',
      controlPath: isSet(one('controlpath')),
      hostKeySources: isSet(one('revokedhostkeys')) || isSet(one('knownhostscommand')),
    },
  };
}

type One = (keyword: string) => string | null;

function identityOf(one: One, files: (keyword: string) => string[], meanings: Meanings): Identity {
  return {
    files: files('identityfile'),
    identitiesOnly: one('identitiesonly') === 'yes',
    agentSocket: agentSocket(one('identityagent'), meanings),
    certificateFiles: files('certificatefile'),
  };
}

/** IdentityAgent: `none`, `SSH_AUTH_SOCK`, `$NAME`, or a path; unset means the environment's agent. */
function agentSocket(value: string | null, meanings: Meanings): string | null {
  const fromEnv = (name: string): string | null => meanings.env[name] || null;
  const standard = process.platform === 'win32' ? String.raw`\\.\pipe\openssh-ssh-agent` : null;
  if (value === null || value === 'SSH_AUTH_SOCK') return fromEnv('SSH_AUTH_SOCK') ?? standard;
  if (isNone(value)) return null;
  const variable = /^\$\{?(\w+)\}?$/.exec(value)?.[1];
  return variable === undefined ? absolutePath(value, meanings.home) : fromEnv(variable);
}

const methodKeywords: Readonly<Record<LoginMethod, string>> = {
  publickey: 'pubkeyauthentication',
  'keyboard-interactive': 'kbdinteractiveauthentication',
  password: 'passwordauthentication',
};

/** PreferredAuthentications without the methods that are switched off or not spoken here. */
function methodsOf(one: One): LoginMethod[] {
  const order = (one('preferredauthentications') ?? Object.keys(methodKeywords).join(',')).split(',');
  const isMethod = (name: string): name is LoginMethod => Object.hasOwn(methodKeywords, name);
  return order.filter(isMethod).filter((method) => !isNo(one(methodKeywords[method])));
}

function isNone(value: string): boolean {
  return value.toLowerCase() === 'none';
}

function isSet(value: string | null): boolean {
  return value !== null && value !== '' && !isNone(value);
}

function isNo(value: string | null): boolean {
  return value === 'no' || value === 'false';
}

function proxyOf(one: One, meanings: Meanings): HostProxy {
  try {
    const hops = readJump(one('proxyjump') ?? '', meanings);
    if (hops !== null) return { kind: 'jump', hops };
    const command = one('proxycommand');
    if (command === null || isNone(command)) return { kind: 'none' };
    if (one('proxyusefdpass') === 'yes') return { kind: 'unsupported', reason: 'ProxyUseFdpass' };
    return { kind: 'command', command: expandCommand(command, meanings) };
  } catch (error) {
    return { kind: 'unsupported', reason: messageOf(error) };
  }
}

/** `ssh -G` prints yes and no as true and false; an unknown word is as strict as can be. */
function strictness(value: string | null): HostKeyRules['strict'] {
  if (value === null || value === 'ask') return 'ask';
  if (value === 'accept-new') return 'accept-new';
  return ['false', 'no', 'off'].includes(value) ? 'no' : 'yes';
}
