import { messageOf } from '#common/errors.ts';
import { expandCommand, expandPath, type Meanings } from './expand.ts';
import {
  type HostKeyRules,
  type HostProxy,
  type Identity,
  type LoginMethod,
  parseProxyJump,
  type ResolvedHost,
} from './resolved.ts';

/** Values by lower-case keyword as `ssh -G` prints them; a keyword with several values has several entries. */
export type OptionValues = ReadonlyMap<string, readonly string[]>;

export interface Surroundings {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly localUser: string;
}

/** Makes a ResolvedHost of the values for one alias; `~`, `%`-tokens and environment variables are expanded. */
export function interpret(
  alias: string,
  options: OptionValues,
  { home, env, localUser }: Surroundings,
): Omit<ResolvedHost, 'command' | 'args'> {
  const one = (keyword: string): string | null => options.get(keyword)?.[0] ?? null;
  const hostname = one('hostname') ?? alias.toLowerCase();
  const port = Number(one('port') ?? 22);
  const user = one('user') ?? localUser;
  const hostKeyAlias = one('hostkeyalias');
  const meanings: Meanings = { home, env, localUser, alias, hostname, port, user, hostKeyAlias };
  const files = (keyword: string): string[] =>
    (options.get(keyword) ?? [])
      .filter((value) => value !== 'none')
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
    identity: identityOf(one, files, meanings),
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
  if (value === 'none') return null;
  const variable = /^\$\{?(\w+)\}?$/.exec(value)?.[1];
  return variable === undefined ? expandPath(value, meanings) : fromEnv(variable);
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

function isSet(value: string | null): boolean {
  return value !== null && value !== '' && value.toLowerCase() !== 'none';
}

function isNo(value: string | null): boolean {
  return value === 'no' || value === 'false';
}

function proxyOf(one: One, meanings: Meanings): HostProxy {
  try {
    const hops = parseProxyJump(one('proxyjump') ?? '');
    if (hops !== null) return { kind: 'jump', hops };
    const command = one('proxycommand');
    if (command === null || command.toLowerCase() === 'none') return { kind: 'none' };
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
