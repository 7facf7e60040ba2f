import { hostname as localHostname } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** What `%`-tokens, `~` and `${NAME}` in values of ssh_config(5) stand for. */
export interface Meanings {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly localUser: string;
  readonly alias: string;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeyAlias: string | null;
}

function token(letter: string, meanings: Meanings): string | null {
  switch (letter) {
    case '%':
      return '%';
    case 'd':
      return meanings.home;
    case 'h':
      return meanings.hostname;
    case 'i':
      return String(process.getuid?.() ?? 0);
    case 'k':
      return meanings.hostKeyAlias ?? meanings.alias;
    case 'L':
      return localHostname().split('.')[0] ?? '';
    case 'l':
      return localHostname();
    case 'n':
      return meanings.alias;
    case 'p':
      return String(meanings.port);
    case 'r':
      return meanings.user;
    case 'u':
      return meanings.localUser;
    default:
      return null;
  }
}

/** What {@link expandPath} leaves as it stands: tokens that are not known and variables that are not set. */
export function unknownParts(value: string, env: NodeJS.ProcessEnv): string[] {
  const tokens = [...value.matchAll(/%(.)/gsu)].filter(([, letter = '']) => !'%dhikLlnpru'.includes(letter));
  const variables = [...value.matchAll(/\$\{(\w+)\}/g)].filter(([, name = '']) => env[name] === undefined);
  return [...tokens, ...variables].map(([part]) => part);
}

/** The absolute path a file value stands for; a token that is not known stays as it is. Relative ones start from home. */
export function expandPath(value: string, meanings: Meanings): string {
  const text = value
    .replace(/%(.)/g, (raw, letter: string) => token(letter, meanings) ?? raw)
    .replace(/\$\{(\w+)\}/g, (raw, name: string) => meanings.env[name] ?? raw);
  if (text === '~' || text.startsWith('~/')) return join(meanings.home, text.slice(1));
  return isAbsolute(text) ? text : join(meanings.home, text);
}

/**
 * A ProxyCommand with its tokens expanded. Throws a plain Error for a token that is not known, and for a name with
 * characters that a shell would act on (OpenSSH refuses those as well).
 */
export function expandCommand(command: string, meanings: Meanings): string {
  return command.replace(/%(.?)/g, (raw, letter: string) => {
    const value = token(letter, meanings);
    if (value === null) throw new Error(`ProxyCommand has an unknown token ${raw}`);
    const given = letter !== '%' && letter !== 'd';
    if (given && (value.startsWith('-') || /['`"$\\;&<>|(){}\s\u0000-\u001f\u007f]/.test(value)))
      throw new Error(`${raw} in ProxyCommand has characters that must not reach a shell`);
    return value;
  });
}
