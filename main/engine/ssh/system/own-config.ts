/**
 * The configuration with which the app runs the user's ssh: what must hold whatever the user's own says, and then the
 * user's own. It is a file because ssh hands it on (`-F`) to the ssh that it starts for each ProxyJump, which options of
 * the command line do not reach.
 */

import { symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ResolvedHost } from '../config/resolved.ts';
import { standardConfigPath } from '../config/standard-paths.ts';
import { controlFolderPrefix } from './control-folder.ts';
import { describeSsh, type SshProgram } from './ssh-program.ts';

export interface OwnConfig {
  /** The hosts to pass on the way, the target last. */
  readonly route: readonly ResolvedHost[];
  /** Whether forwards are opened: those of the command line and the user's, or none. */
  readonly forwards: 'as-configured' | 'none';
  readonly env: NodeJS.ProcessEnv;
}

const fileName = 'config';

/**
 * Writes it into a private folder. The answer is what to give to ssh for the last host of the route: this configuration,
 * then user, port and name as they are. Errors: those of the file system.
 */
export async function writeOwnConfig(folder: string, own: OwnConfig): Promise<readonly string[]> {
  const target = own.route.at(-1);
  if (target === undefined) throw new Error('a route without a host');
  const [, custom = null] = target.args[0] === '-F' ? target.args : [];
  const program = await describeSsh(target.args, own.env);
  const files = custom === null ? [standardConfigPath(), program.systemConfig] : [custom];
  const included = await Promise.all(
    files.map((file, at) => includable(file, join(folder, `included-${at}`))),
  );
  const path = join(folder, fileName);
  await writeFile(path, ownConfigText(own, program, included), { mode: 0o600 });
  return ['-F', path, ...target.args.slice(custom === null ? 0 : 2)];
}

/** Whether a path is that of such a file, there or gone: what ssh processes were started with is read from their arguments. */
export function isOwnConfig(path: string): boolean {
  return basename(path) === fileName && basename(dirname(path)).startsWith(controlFolderPrefix);
}

export function ownConfigText(
  { route, forwards }: Pick<OwnConfig, 'route' | 'forwards'>,
  { version }: Pick<SshProgram, 'version'>,
  included: readonly string[],
): string {
  const since = (release: number, ...lines: readonly string[]): readonly string[] =>
    version === null || version >= release ? lines : [];
  return [
    // The first value counts. No IgnoreUnknown for what older releases lack: it would put the user's own out of force.
    'BatchMode yes',
    'RequestTTY no',
    'PermitLocalCommand no',
    'ControlMaster no',
    'ControlPersist no',
    ...(forwards === 'none' ? ['ClearAllForwardings yes'] : []),
    ...since(706, 'RemoteCommand none'),
    ...since(807, 'ForkAfterAuthentication no', 'StdinNull no'),
    // Nothing of this computer is lent to a host, and none is asked to prove less than the built-in client asks.
    'ForwardAgent no',
    'ForwardX11 no',
    'Tunnel no',
    'GSSAPIDelegateCredentials no',
    'AddKeysToAgent no',
    'VerifyHostKeyDNS no',
    'NoHostAuthenticationForLocalhost no',
    // Only the first SetEnv counts: with this one, which no host reads, the user's own is passed over.
    ...since(708, 'SetEnv VLLM_TRAY=1'),
    ...hostKeyLines(route),
    'Match all',
    ...included.map((file) => `Include "${file}"`),
    // Takes back what was named before it.
    'Match all',
    'SendEnv -*',
    '',
  ].join('\n');
}

/** For hosts at which the user wants no check: a key that is not the known one is refused all the same. */
function hostKeyLines(route: readonly ResolvedHost[]): readonly string[] {
  const lax = route.filter(({ hostKeys }) => hostKeys.strict === 'no').map(({ alias }) => alias);
  // What means more than a name in a Host line cannot be named there, so that all are checked as strictly as can be.
  if (lax.some((name) => !/^[^\s"'\\*?!,#]+$/.test(name))) return ['StrictHostKeyChecking yes'];
  return lax.flatMap((name) => [`Host "${name}"`, 'StrictHostKeyChecking accept-new']);
}

/** Include takes a pattern: a path that would mean more than itself is reached by a link. */
async function includable(file: string, link: string): Promise<string> {
  if (process.platform === 'win32') return file.replaceAll('\\', '/');
  if (!/["'\\*?[\]{}%$~]/.test(file)) return file;
  await symlink(file, link);
  return link;
}
