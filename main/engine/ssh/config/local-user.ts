import { userInfo } from 'node:os';

/** Of the person at this computer, as ssh puts it in place of `%u`. */
export function localUserName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry, as in some containers; the environment is the next best witness.
    return env.USER ?? env.USERNAME ?? 'root';
  }
}
