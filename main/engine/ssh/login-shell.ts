import { userInfo } from 'node:os';
import { run } from './child.ts';

/** A login shell may read a lot before it gets to it. */
const timeoutMs = 5000;

/**
 * The environment with the SSH_AUTH_SOCK that the user's login shell sets, where it has none itself: a program started
 * from a desktop's menu has not seen the shell's files. Never rejects; takes 5 s at most.
 */
export async function withLoginShellAgent(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Promise<NodeJS.ProcessEnv> {
  if (env.SSH_AUTH_SOCK || platform === 'win32') return env;
  const shell = env.SHELL || userShell();
  if (shell === null) return env;
  // The marks tell the value from what the shell's files print. csh and fish know `$SSH_AUTH_SOCK` as well, fish no `${}`.
  const command = 'printf "<agent:%s>" "$SSH_AUTH_SOCK"';
  const result = await run(shell, ['-l', '-i', '-c', command], { env, timeoutMs });
  const socket = result.kind === 'ended' ? /<agent:(\/[^>\n]+)>/.exec(result.stdout)?.[1] : undefined;
  return socket === undefined ? env : { ...env, SSH_AUTH_SOCK: socket };
}

function userShell(): string | null {
  try {
    return userInfo().shell;
  } catch {
    // A user id without an entry in the password database.
    return null;
  }
}
