/** Start at login on Linux: an entry in the folder that desktops read when a session begins (XDG Autostart 0.5). */

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { autostartEntry, canBeStarted, isOwn } from './desktop-entry.ts';

export interface AutostartFile {
  /** Writes the entry, or takes it away. Throws what the file system says. */
  set(on: boolean): Promise<void>;
  /** The same, but leaves an entry alone that a person has made, or switched off in the desktop's own list. */
  refresh(on: boolean): Promise<void>;
}

export function createAutostartFile(folder: string, command: readonly string[]): AutostartFile {
  const file = path.join(folder, 'vllm-tray.desktop');
  const set = async (on: boolean): Promise<void> => {
    if (!on) {
      await rm(file, { force: true });
      return;
    }
    if (!canBeStarted(command)) throw new Error(`no desktop can start a program from ${command[0]}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Aside first: a reader at this moment sees the old one or the new one.
    await writeFile(`${file}.new`, autostartEntry(command));
    await rename(`${file}.new`, file);
  };
  return {
    set,
    async refresh(on) {
      const entry = await readEntry(file);
      if (entry === null ? on : isOwn(entry) && !(on && entry === autostartEntry(command))) await set(on);
    },
  };
}

/** The folder of a person's own entries: XDG asks for `~/.config` where the variable is not an absolute path. */
export function autostartFolder({ env, home }: { env: NodeJS.ProcessEnv; home: string }): string {
  const config = env.XDG_CONFIG_HOME ?? '';
  return path.join(path.isAbsolute(config) ? config : path.join(home, '.config'), 'autostart');
}

async function readEntry(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
