import { isAbsolute, join } from 'node:path';
import { type ExpandedInclude, expandInclude } from './expand.ts';
import type { InstalledSsh } from './installed-ssh.ts';
import { localUserName } from './local-user.ts';

export interface IncludePlace {
  /** The user's home directory, for `~`. */
  readonly home: string;
  /** Where relative Includes start from, wherever the file lies that they stand in. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly ssh: Pick<InstalledSsh, 'expandsIncludes' | 'homeOf'>;
}

/** The absolute glob that a pattern of an Include stands for, as the installed ssh reads it; or why it is not read. */
export async function readIncludePattern(pattern: string, place: IncludePlace): Promise<ExpandedInclude> {
  const { home, folder, env, ssh } = place;
  const needed = /[%$]/.test(pattern) && (await ssh.expandsIncludes());
  const expanded: ExpandedInclude = needed
    ? expandInclude(pattern, { home, env, localUser: localUserName(env) })
    : { kind: 'text', text: pattern };
  if (expanded.kind === 'failed' || !expanded.text.startsWith('~')) return anchored(expanded, folder);
  if (folder !== join(home, '.ssh'))
    return { kind: 'failed', why: 'refused by ssh: ~ is for the configuration of a user alone' };
  const [user = '', ...below] = expanded.text.slice(1).split('/');
  const start = user === '' ? home : await ssh.homeOf(user);
  // As for ssh, the name of a user who does not exist is a name like any other, and nothing is there.
  return anchored({ kind: 'text', text: [start ?? `~${user}`, ...below].join('/') }, folder);
}

function anchored(expanded: ExpandedInclude, folder: string): ExpandedInclude {
  if (expanded.kind === 'failed' || isAbsolute(expanded.text)) return expanded;
  return { kind: 'text', text: join(folder, '/').concat(expanded.text) };
}
