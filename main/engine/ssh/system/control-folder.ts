import { mkdtemp, readdir, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const controlFolderPrefix = 'vt-ssh-';
/** The folder of a connection that is just being made is empty, too, but not for that long. */
const abandonedMs = 3_600_000;

/** Makes a private folder for one connection's configuration and control socket, and removes the empty ones that a killed app has left. */
export async function makeControlFolder(): Promise<string> {
  const names = await readdir(tmpdir()).catch(() => []);
  await Promise.all(
    names
      .filter((name) => name.startsWith(controlFolderPrefix))
      .map((name) => removeAbandoned(join(tmpdir(), name))),
  );
  return mkdtemp(join(tmpdir(), controlFolderPrefix));
}

async function removeAbandoned(folder: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > abandonedMs) await rmdir(folder);
  } catch {
    // Another app's socket is in it, or it is gone: either way it is no concern of ours.
  }
}
