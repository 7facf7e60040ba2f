import { type FSWatcher, watch } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, parse, sep } from 'node:path';
import { readGlob } from './glob.ts';
import type { GlobPart } from './glob-pattern.ts';

/** Hears of changes to files through the events of the folders they are in. */
export interface FolderWatch {
  /**
   * Follows these paths and globs and no others: the folder of each, or the nearest one that exists, and the folder that
   * a link leads to. To be called again when something has changed, as a folder may be another one then. Never rejects.
   */
  follow(paths: readonly string[], globs: readonly string[]): Promise<void>;
  close(): void;
}

/** Names in one folder that matter; all when null. */
interface Place {
  readonly folder: string;
  readonly matters: (name: string) => boolean;
}

interface Open {
  readonly watcher: FSWatcher;
  matters: readonly ((name: string) => boolean)[];
}

/** `onEvent` is called for every event that may concern one of the paths. Events do not keep the process running. */
export function createFolderWatch(onEvent: () => void): FolderWatch {
  /** By path and inode: a folder that was replaced is another one. */
  const open = new Map<string, Open>();
  let closed = false;

  const drop = (key: string): void => {
    open.get(key)?.watcher.close();
    open.delete(key);
  };

  const add = (key: string, folder: string): Open | null => {
    try {
      const watcher = watch(folder, { persistent: false });
      const entry: Open = { watcher, matters: [] };
      watcher.on('error', () => drop(key));
      watcher.on('change', (event, name) => {
        const itself = name === null || name === basename(folder);
        // A folder that has gone sends nothing any more, even when one comes back in its place with the same inode.
        if (event === 'rename' && itself) drop(key);
        if (itself || entry.matters.some((matters) => matters(String(name)))) onEvent();
      });
      open.set(key, entry);
      return entry;
    } catch {
      // Gone meanwhile, or no more watches to be had (ENOSPC, EMFILE): a caller that asks from time to time sees it, too.
      return null;
    }
  };

  return {
    async follow(paths, globs) {
      const wanted = new Map<string, { folder: string; matters: ((name: string) => boolean)[] }>();
      for (const { folder, matters } of await findPlaces(paths, globs)) {
        const info = await stat(folder, { bigint: true }).catch(() => null);
        if (info === null) continue;
        const key = `${info.dev}:${info.ino}:${folder}`;
        const entry = wanted.get(key) ?? { folder, matters: [] };
        entry.matters.push(matters);
        wanted.set(key, entry);
      }
      if (closed) return;
      for (const key of [...open.keys()]) if (!wanted.has(key)) drop(key);
      for (const [key, { folder, matters }] of wanted) {
        const entry = open.get(key) ?? add(key, folder);
        if (entry !== null) entry.matters = matters;
      }
    },
    close() {
      closed = true;
      for (const key of [...open.keys()]) drop(key);
    },
  };
}

async function findPlaces(paths: readonly string[], globs: readonly string[]): Promise<Place[]> {
  const places: Place[] = [];
  for (const path of paths) {
    places.push(await nearest(path));
    const target = await realpath(path).catch(() => path);
    if (target !== path) places.push({ folder: dirname(target), matters: is(basename(target)) });
  }
  for (const glob of globs) places.push(await nearestToGlob(glob));
  return places;
}

/** The deepest existing folder on the way to a path, and what to wait for in it. */
async function nearest(path: string): Promise<Place> {
  const { root } = parse(path);
  const names = path.slice(root.length).split(sep === '\\' ? /[\\/]+/ : /\/+/);
  return walkDown(
    root,
    names.filter((name) => name !== '').map((name) => ({ kind: 'name', name })),
  );
}

/** The same for a glob, whose first wildcard is the end of the way. */
async function nearestToGlob(glob: string): Promise<Place> {
  const { root, parts } = readGlob(glob);
  return walkDown(root, parts ?? []);
}

async function walkDown(root: string, parts: readonly GlobPart[]): Promise<Place> {
  let folder = root;
  for (const part of parts) {
    if (part.kind === 'wildcard') return { folder, matters: part.matches };
    const next = join(folder, part.name);
    const found = await stat(next).catch(() => null);
    if (found?.isDirectory() !== true) return { folder, matters: is(part.name) };
    folder = next;
  }
  return { folder: dirname(folder), matters: is(basename(folder)) };
}

function is(wanted: string): (name: string) => boolean {
  return (name) => name === wanted;
}
