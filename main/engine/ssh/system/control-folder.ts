import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../../files/lock.ts';

export const controlFolderPrefix = 'vt-ssh-';
/** In another container a process is not seen, and may share this folder. */
const abandonedMs = 3_600_000;

/**
 * Makes a private folder for one connection's configuration and control socket, with the process in its name, and removes those
 * that a killed app has left.
 */
export async function makeControlFolder(): Promise<string> {
  const names = await readdir(tmpdir()).catch(() => []);
  await Promise.all(names.filter(isOfEnded).map((name) => removeAbandoned(join(tmpdir(), name))));
  return mkdtemp(join(tmpdir(), `${controlFolderPrefix}${process.pid}-`));
}

function isOfEnded(name: string): boolean {
  const pid = name.startsWith(controlFolderPrefix)
    ? /^(\d{1,10})-/.exec(name.slice(controlFolderPrefix.length))?.[1]
    : undefined;
  return pid !== undefined && !isRunning(Number(pid));
}

async function removeAbandoned(folder: string): Promise<void> {
  try {
    const { mtimeMs, uid } = await lstat(folder);
    // Another user's is that one's to remove, also where this is root.
    if (uid !== (process.getuid?.() ?? uid) || Date.now() - mtimeMs < abandonedMs) return;
    await rm(folder, { recursive: true });
  } catch {
    // It is gone: another copy of the app was faster.
  }
}
