/** Replaces a file whole: a reader meanwhile gets the old one, and a full disk or a crash leaves that as it was. */

import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The file is the user's alone, and so is a folder that must be made for it. A link stays one. Throws what the file system says. */
export function replaceFileSync(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const target = followed(path);
  const fresh = freshName(target);
  try {
    const file = openSync(fresh, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

/** The same for what is too long to wait for. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const target = followed(path);
  const fresh = freshName(target);
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, target);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

/** Makes the app's own folder, if it is there, the user's alone. Never throws: what cannot be changed is reported when it is written. */
export function closeFolder(folder: string): void {
  try {
    if ((statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } catch {
    // There is none, or it is another user's.
  }
}

/**
 * Removes what writes of this file have left that did not come to their end. Only to be called by the holder of its lock.
 * Never throws.
 */
export function removeLeftovers(path: string): void {
  try {
    for (const name of leftoversOf(path)) rmSync(join(dirname(path), name), { force: true });
  } catch {
    // They stay where nothing can be removed.
  }
}

/** Whether there are any. Never throws. */
export function hasLeftovers(path: string): boolean {
  try {
    return leftoversOf(path).length > 0;
  } catch {
    return false;
  }
}

function leftoversOf(path: string): readonly string[] {
  const name = basename(path);
  return readdirSync(dirname(path)).filter((other) => {
    if (!other.startsWith(`${name}.`)) return false;
    // `.new` and `.tmp-` with digits are what earlier versions wrote.
    return /^(?:lock\.)?(?:tmp-[\w-]{1,60}|new)$/.test(other.slice(name.length + 1));
  });
}

function freshName(target: string): string {
  return `${target}.tmp-${process.pid}-${randomBytes(6).toString('hex')}`;
}

function followed(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // There is none yet.
    return path;
  }
}
