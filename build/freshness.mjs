/** Whether what was built still fits its sources, and who builds when two commands want to at once. */

import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Returns a hash over names, sizes and times of all files below the given files and folders; what is missing counts as such.
 * Contents are not read: with a few hundred sources this takes some ten milliseconds.
 */
export function fingerprint(root, sources) {
  const hash = createHash('sha256');
  const visit = (name) => {
    const stats = statSync(path.join(root, name), { throwIfNoEntry: false });
    if (stats?.isDirectory()) {
      for (const entry of readdirSync(path.join(root, name)).sort()) visit(`${name}/${entry}`);
    } else hash.update(`${name}\0${stats?.size}\0${stats?.mtimeMs}\0`);
  };
  for (const source of sources) visit(source);
  return hash.digest('hex');
}

/**
 * Runs `work` while no other process holds the lock file; the lock of a process that died is taken over. It only saves
 * double work: a build is made aside and puts the result in place by renaming.
 */
export async function withLock(file, work) {
  const mine = `${file}.${process.pid}`;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(mine, String(process.pid));
  try {
    while (!tryLink(mine, file)) {
      if (holderIsGone(file)) rmSync(file, { force: true });
      else await delay(50);
    }
    try {
      return await work();
    } finally {
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** A hard link appears with its content, so a lock never stands there without its holder's id. */
function tryLink(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function holderIsGone(file) {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return false;
  } catch (error) {
    // EPERM: it runs under another user. ENOENT: it has just finished.
    return error.code === 'ESRCH';
  }
}
