import { homedir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from '#engine/ssh/io/child.ts';

/** A login shell may read a lot before it gets to it. */
const timeoutMs = 5000;

/**
 * Returns the environment with what the user's login shell adds to it: its PATH, where it has folders that the environment
 * lacks, and its SSH_AUTH_SOCK, where the environment has none. A program started from a desktop's menu or by launchd has
 * not seen the shell's files, and would not find what a ProxyCommand or `Match exec` names (cloudflared, tsh, aws). Where no
 * shell answers, the usual folders stand in. Never rejects; takes 5 s at most.
 */
export async function withLoginShell(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Promise<NodeJS.ProcessEnv> {
  if (platform === 'win32') return env;
  const shell = env.SHELL || userShell();
  const printed = shell === null ? '' : await ask(shell, env);
  const socket = env.SSH_AUTH_SOCK || printedValue('agent', printed);
  const path = joinPaths(env.PATH, printedValue('path', printed) ?? usualFolders(platform, env));
  return { ...env, PATH: path, ...(socket && { SSH_AUTH_SOCK: socket }) };
}

// The marks tell the values from what the shell's files print; fish knows no `${}`.
const inOthers = ['-l', '-i', '-c', 'printf "<path:%s>" "$PATH"; printf "<agent:%s>" "$SSH_AUTH_SOCK"'];
// csh and tcsh take -l alone or not at all, and end at a variable that is not set.
const inCsh = [
  '-c',
  'if (-r ~/.login) source ~/.login; printf "<path:%s>" "$PATH"; if ($?SSH_AUTH_SOCK) printf "<agent:%s>" "$SSH_AUTH_SOCK"',
];

async function ask(shell: string, env: NodeJS.ProcessEnv): Promise<string> {
  const isCsh = /csh$/.test(shell);
  const result = await run(shell, isCsh ? inCsh : inOthers, { env, timeoutMs });
  return result.kind === 'ended' ? result.stdout : '';
}

/** The last value of that name which is a path, for a file of the shell may print the marks too. */
function printedValue(name: string, printed: string): string | undefined {
  return [...printed.matchAll(new RegExp(`<${name}:(/[^>\\n]+)>`, 'g'))].at(-1)?.[1];
}

/** What a terminal of this user would most likely have. */
function usualFolders(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  const brew = platform === 'darwin' ? ['/opt/homebrew/bin', '/opt/local/bin'] : [];
  return [join(env.HOME || homedir(), '.local', 'bin'), ...brew, '/usr/local/bin'].join(delimiter);
}

/**
 * The folders of both lists, each once. The shell's come first, in its order, unless the environment has them all already:
 * then it was started from a terminal, where the user may have put others in front.
 */
function joinPaths(own: string | undefined, shells: string): string {
  const split = (list: string): readonly string[] => list.split(delimiter).filter((entry) => entry !== '');
  const [mine, theirs] = [split(own ?? ''), split(shells)];
  if (theirs.every((folder) => mine.includes(folder))) return mine.join(delimiter);
  return [...new Set([...theirs, ...mine])].join(delimiter);
}

function userShell(): string | null {
  try {
    return userInfo().shell;
  } catch {
    // A user id without an entry in the password database.
    return null;
  }
}
