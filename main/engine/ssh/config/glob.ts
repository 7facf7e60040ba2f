import { lstat, readdir } from 'node:fs/promises';
import { parse, sep } from 'node:path';
import { type GlobPart, parseGlob } from './glob-pattern.ts';

/** As PATH_MAX: glob(3) finds nothing under a longer name either. */
const maxPatternBytes = 4095;
/** Of one pattern, on the way as at its end: one of stars alone would list the whole disk. */
const maxMatches = 20_000;
/** Folders that are listed at once. */
const listedAtOnce = 16;

export interface AbsoluteGlob {
  readonly root: string;
  /** Null when it can match nothing. */
  readonly parts: readonly GlobPart[] | null;
}

/** Reads an absolute glob. On Windows a backslash parts folders and escapes nothing. */
export function readGlob(pattern: string): AbsoluteGlob {
  const { root } = parse(pattern);
  const rest = pattern.slice(root.length);
  return { root, parts: parseGlob(sep === '\\' ? rest.replaceAll('\\', '/') : rest) };
}

/**
 * Returns the existing paths that an absolute glob names, in the order of their bytes, as OpenSSH's glob(3) does (see
 * glob-pattern.ts). A folder that cannot be listed matches nothing. At most 20,000 paths. Never rejects.
 */
export async function expandGlob(pattern: string): Promise<string[]> {
  // With a slash at its end it names folders alone, which hold no lines.
  if (Buffer.byteLength(pattern) > maxPatternBytes || pattern.endsWith('/')) return [];
  const { root, parts } = readGlob(pattern);
  if (parts === null) return [];
  let bases = [root];
  for (const part of parts) bases = await below(bases, part);
  return bases.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

async function below(bases: readonly string[], part: GlobPart): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < bases.length && found.length < maxMatches; at += listedAtOnce) {
    const lists = await Promise.all(bases.slice(at, at + listedAtOnce).map((base) => children(base, part)));
    for (const list of lists) for (const path of list) if (found.length < maxMatches) found.push(path);
  }
  return found;
}

async function children(base: string, part: GlobPart): Promise<string[]> {
  if (part.kind === 'name') {
    const path = joined(base, part.name);
    // lstat and not stat: a broken link is named all the same, and opening it tells what is wrong.
    return lstat(path).then(
      () => [path],
      () => [],
    );
  }
  const names = await readdir(base).catch(() => null);
  if (names === null) return [];
  // The system lists these two as well.
  const all = part.dotted ? ['.', '..', ...names] : names;
  return all.filter(part.matches).map((name) => joined(base, name));
}

/** Not `join`, for which `file/.` is the file itself. */
function joined(folder: string, name: string): string {
  return folder.endsWith(sep) ? folder + name : folder + sep + name;
}
