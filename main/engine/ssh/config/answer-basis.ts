/** What the answers of `ssh -G` depend on, as one digest: they are the same as long as it is. */

import { createHash } from 'node:crypto';
import { open, realpath, stat } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { ConfigWalk } from './config-walk.ts';
import { judgedByLinesAlone } from './match-line.ts';

export interface BasisDeps {
  /** The app's: another one may read the answers otherwise. */
  readonly appVersion: string;
  /** Absolute. */
  readonly sshConfigPath: string;
  /** Whether ssh reads the configuration for all users of this computer as well. */
  readonly isStandard: boolean;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The files as they were read. */
export interface ReadConfig {
  readonly walks: readonly ConfigWalk[];
  /** When the reading began, in milliseconds since the epoch. */
  readonly atMs: number;
}

/** What was written so short a time ago may be written again without another time (file systems stamp in steps). */
const settledMs = 2000;
const maxFiles = 5000;

/**
 * The digest; null where answers must not be kept: something else than files decides (`Match exec`, `localnetwork`, the name
 * servers), a file could not be read or was just written, or the program is not known to read these files. Never rejects.
 */
export async function basisOf(deps: BasisDeps, { walks, atMs }: ReadConfig): Promise<string | null> {
  const { env, isStandard } = deps;
  if (process.platform === 'win32' || walks.some(({ problems }) => problems.length > 0)) return null;
  const directives = walks.flatMap(({ items }) =>
    items.flatMap((item) => (item.kind === 'directive' ? item : [])),
  );
  if (!directives.every(({ keyword, rest }) => isDecidedByFiles(keyword, rest))) return null;
  const folders = walks.flatMap(({ includes }) => includes.map(folderOf));
  if (folders.includes(null)) return null;
  const program = await programOf(env);
  // One that was built elsewhere reads another configuration for all users.
  if (program === null || (isStandard && dirname(program) !== '/usr/bin')) return null;
  const paths = [
    ...walks.flatMap(({ files }) => files),
    ...folders.flatMap((folder) => folder ?? []),
    program,
    // Homes of users.
    '/etc/passwd',
  ];
  if (paths.length > maxFiles) return null;
  try {
    const stamps = await Promise.all([...new Set(paths)].sort().map((path) => stampOf(path, atMs)));
    const parts = [deps.appVersion, deps.sshConfigPath, isStandard, deps.home, whoAsks(), stamps];
    const used = usedVariables(directives.map(({ rest }) => rest)).map((name) => [name, env[name] ?? null]);
    return createHash('sha256')
      .update(JSON.stringify([...parts, used]))
      .digest('hex');
  } catch {
    // Just written, gone meanwhile, or not to be looked at.
    return null;
  }
}

function isDecidedByFiles(keyword: string, rest: string): boolean {
  if (keyword === 'match') return judgedByLinesAlone(rest);
  return keyword !== 'canonicalizehostname' || /^"?(?:no|none|false)"?$/i.test(rest);
}

/** What a value may stand for: `${NAME}`, and `$NAME` of an agent. */
function usedVariables(texts: readonly string[]): readonly string[] {
  const names = texts.flatMap((text) => [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name));
  return [...new Set([...names, 'HOME', 'USER', 'LOGNAME'])].sort();
}

function whoAsks(): readonly (string | number)[] {
  const { uid, gid, username, homedir } = userInfo();
  return [uid, gid, username, homedir, hostname()];
}

/** The folder in which a file would come to match; null where it is not one alone. */
function folderOf(glob: string): string | null {
  const folder = dirname(glob);
  return /[*?[\]\\{}]/.test(folder) ? null : folder;
}

/** All that a change of a file changes. Throws when it was just written. */
async function stampOf(path: string, atMs: number): Promise<readonly string[]> {
  const found = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (found === null) return [path];
  const { dev, ino, mode, uid, size, mtimeNs, ctimeNs } = found;
  if (Number(ctimeNs / 1_000_000n) > atMs - settledMs) throw new Error(`${path} was just written`);
  return [path, ...[dev, ino, mode, uid, size, mtimeNs, ctimeNs].map(String)];
}

/** The real path of the ssh that PATH leads to; null for a script, which may ask anything. */
async function programOf({ PATH = '' }: NodeJS.ProcessEnv): Promise<string | null> {
  for (const folder of PATH.split(delimiter)) {
    // A relative one depends on the folder that it is asked from.
    if (!isAbsolute(folder)) return null;
    const path = await realpath(join(folder, 'ssh')).catch(() => null);
    if (path !== null) return (await isBinary(path)) ? path : null;
  }
  return null;
}

/** By the first bytes of ELF and Mach-O. */
async function isBinary(path: string): Promise<boolean> {
  const file = await open(path).catch(() => null);
  if (file === null) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return ['7f454c46', 'cffaedfe', 'cafebabe', 'feedfacf'].includes(buffer.toString('hex'));
  } finally {
    await file.close();
  }
}
