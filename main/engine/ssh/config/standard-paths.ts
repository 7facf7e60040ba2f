import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';

/** The configuration that ssh reads for this user without `-F`. */
export function standardConfigPath(): string {
  try {
    // Not $HOME: ssh takes the home directory from the password database.
    return join(userInfo().homedir, '.ssh', 'config');
  } catch {
    // A user id without an entry, as in some containers: ssh itself refuses to run then.
    return join(homedir(), '.ssh', 'config');
  }
}

/** Where the configuration for all users of this computer is. */
export function systemFolder(env: NodeJS.ProcessEnv): string {
  return process.platform === 'win32' ? join(env.ProgramData ?? 'C:\\ProgramData', 'ssh') : '/etc/ssh';
}
