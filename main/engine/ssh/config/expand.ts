import { createHash } from 'node:crypto';
import { hostname as localHostname } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** What stands in a value for the target that is connected to. */
export interface TargetMeanings {
  readonly alias: string;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeyAlias: string | null;
}

/** What does not depend on the target. */
export interface LocalMeanings {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly localUser: string;
  /** Home directories of other users, for `~name`; null or missing where there is no such user. */
  readonly homes?: ReadonlyMap<string, string | null>;
}

/** What `%`-tokens, `~` and `${NAME}` in values of ssh_config(5) stand for. */
export interface Meanings extends TargetMeanings, LocalMeanings {
  /** The host of the last jump as it is written, its tokens raw; empty where there is none. */
  readonly jumpHost: string;
  /** What the installed ssh makes of the jump host; as the newest releases have it where that is not known. */
  readonly jumpRules?: JumpRules;
}

export interface JumpRules {
  /** Whether `%C` depends on the jump host. */
  readonly inHash: boolean;
  /** Whether there is a token `%j`. */
  readonly hasToken: boolean;
}

/** Of the token's letter; null for a token that is not known. */
type ReadToken = (letter: string) => string | null;

function localToken(letter: string, { home, localUser }: LocalMeanings): string | null {
  switch (letter) {
    case '%':
      return '%';
    case 'd':
      return home;
    case 'i':
      return String(process.getuid?.() ?? 0);
    case 'L':
      return localHostname().split('.')[0] ?? '';
    case 'l':
      return localHostname();
    case 'u':
      return localUser;
    default:
      return null;
  }
}

/** The tokens of ProxyCommand and ProxyJump. */
function targetToken(letter: string, meanings: TargetMeanings): string | null {
  switch (letter) {
    case '%':
      return '%';
    case 'h':
      return meanings.hostname;
    case 'k':
      return meanings.hostKeyAlias ?? meanings.alias;
    case 'n':
      return meanings.alias;
    case 'p':
      return String(meanings.port);
    case 'r':
      return meanings.user;
    default:
      return null;
  }
}

function anyToken(letter: string, meanings: Meanings): string | null {
  const { jumpHost, jumpRules = { inHash: true, hasToken: true } } = meanings;
  if (letter === 'j') return jumpRules.hasToken ? jumpHost : null;
  if (letter === 'C') return connectionHash(meanings, jumpRules.inHash ? jumpHost : '');
  return localToken(letter, meanings) ?? targetToken(letter, meanings);
}

/** `%C` (ssh_connection_hash in readconf.c): the hash of `%l%h%p%r`, and of `%j` since it exists. */
export function connectionHash({ hostname, port, user }: TargetMeanings, jumpHost: string): string {
  const text = `${localHostname()}${hostname}${port}${user}${jumpHost}`;
  return createHash('sha1').update(text).digest('hex');
}

/**
 * Tokens and `${NAME}` in one pass, as vdollar_percent_expand in misc.c has it. Throws a plain Error that says what
 * cannot be expanded.
 */
function expandText(text: string, env: NodeJS.ProcessEnv, read: ReadToken): string {
  const known = new Map<string, string>();
  return text.replace(/%(.?)|\$\{([^}]*)(\}?)/gsu, (raw, letter: string | undefined, name = '', end = '') => {
    if (letter !== undefined) {
      const value = known.get(letter) ?? read(letter);
      if (value === null) throw new UnknownToken(letter, `${raw} is not known`);
      known.set(letter, value);
      return value;
    }
    const value = env[name];
    if (end === '' || name === '') throw new UnknownToken('', `${raw} is not a variable`);
    if (value === undefined) throw new UnsetVariable(`${raw} is not set`);
    return value;
  });
}

/** ssh refuses the whole value, or file, in which it stands. */
class UnknownToken extends Error {
  readonly letter: string;

  constructor(letter: string, message: string) {
    super(message);
    this.letter = letter;
  }
}

class UnsetVariable extends Error {}

/**
 * The absolute path a value stands for: `~` and `~name` first, then tokens and variables. Relative ones start from home.
 * Throws a plain Error that says what cannot be expanded.
 */
export function expandPath(value: string, meanings: Meanings): string {
  const text = expandText(expandTilde(value, meanings), meanings.env, (letter) => anyToken(letter, meanings));
  return absolutePath(text, meanings.home);
}

/** What {@link expandPath} throws, as words; null when it throws nothing. */
export function unexpandable(value: string, meanings: Meanings): string | null {
  try {
    expandPath(value, meanings);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A path in which everything but `~` has been expanded. Relative ones start from home. */
export function absolutePath(text: string, home: string): string {
  if (text === '~' || text.startsWith('~/')) return join(home, text.slice(1));
  return isAbsolute(text) ? text : join(home, text);
}

/** The users whose home directory a text names as `~name`. */
export function namedHomes(text: string): string[] {
  return [...text.matchAll(/(?<![^\s"'=])~([^/\s"'\\]+)/g)].map(([, user = '']) => user);
}

function expandTilde(value: string, { home, homes }: LocalMeanings): string {
  const [, user, rest = ''] = /^~([^/]*)(.*)$/s.exec(value) ?? [];
  if (user === undefined) return value;
  if (user === '') return home + rest;
  const other = homes?.get(user) ?? null;
  if (other === null) throw new Error(`there is no user ${user}`);
  return other + rest;
}

export type ExpandedInclude =
  | { readonly kind: 'text'; readonly text: string }
  /** It depends on the host, or ssh passes over it, or refuses everything for it. */
  | { readonly kind: 'failed'; readonly why: string };

/** The words of an Include with tokens and variables expanded, as OpenSSH does since 9.9; `~` is left to the glob. */
export function expandInclude(pattern: string, meanings: LocalMeanings): ExpandedInclude {
  try {
    return {
      kind: 'text',
      text: expandText(pattern, meanings.env, (letter) => localToken(letter, meanings)),
    };
  } catch (error) {
    if (error instanceof UnsetVariable) return { kind: 'failed', why: `passed over: ${error.message}` };
    const { letter = '', message } = error as UnknownToken;
    if ('Chjknpr'.includes(letter) && letter !== '')
      return { kind: 'failed', why: `passed over: %${letter} depends on the host` };
    return { kind: 'failed', why: `refused by ssh, with everything else: ${message}` };
  }
}

/**
 * A ProxyCommand with its tokens expanded. Throws a plain Error for a token that is not known, and for a name with
 * characters that a shell would act on (OpenSSH refuses those as well).
 */
export function expandCommand(command: string, meanings: TargetMeanings): string {
  return expandForShell(command, meanings, 'ProxyCommand');
}

/** A part of a ProxyJump, which ssh makes a command of, with the same tokens and errors. */
export function expandJump(text: string, meanings: TargetMeanings): string {
  return expandForShell(text, meanings, 'ProxyJump');
}

function expandForShell(text: string, meanings: TargetMeanings, keyword: string): string {
  return text.replace(/%(.?)/gsu, (raw, letter: string) => {
    const value = targetToken(letter, meanings);
    if (value === null) throw new Error(`${keyword} has an unknown token ${raw}`);
    if (letter !== '%' && (value.startsWith('-') || /['`"$\\;&<>|(){}\s\u0000-\u001f\u007f]/.test(value)))
      throw new Error(`${raw} in ${keyword} has characters that must not reach a shell`);
    return value;
  });
}
