import { lstat, readdir } from 'node:fs/promises';
import { parse, sep } from 'node:path';
import { matchFileName } from './pattern.ts';

/** As PATH_MAX: glob(3) finds nothing under a longer name either. */
const maxPatternLength = 4096;
/** Of one pattern; more files than that nobody includes, and a pattern of stars alone would list the whole disk. */
const maxMatches = 4096;

/**
 * Returns the existing paths that an absolute glob names, sorted as glob(3) does: `*`, `?`, `[a-z]`, backslash escapes;
 * a leading dot is never matched by a wildcard. A folder that cannot be listed matches nothing. At most 4096 paths. Never
 * rejects.
 */
export async function expandGlob(pattern: string): Promise<string[]> {
  // With a slash at its end it names folders alone, which hold no lines.
  if (pattern.length > maxPatternLength || /[\\/]$/.test(pattern)) return [];
  const { root } = parse(pattern);
  const components = pattern
    .slice(root.length)
    .split(sep === '\\' ? /[\\/]+/ : /\/+/)
    .filter((component) => component !== '');
  let bases = [root];
  for (const component of components) {
    const found = await Promise.all(bases.map((base) => children(base, component)));
    bases = found.flat().slice(0, maxMatches);
  }
  return bases.sort();
}

async function children(base: string, component: string): Promise<string[]> {
  if (!/[*?[]/.test(component)) {
    const path = below(base, sep === '\\' ? component : component.replace(/\\(.)/gsu, '$1'));
    // lstat and not stat: a broken link is named all the same, and opening it tells what is wrong.
    return lstat(path).then(
      () => [path],
      () => [],
    );
  }
  const names = await readdir(base).catch(() => []);
  return names.filter((name) => matchFileName(name, component)).map((name) => below(base, name));
}

/** Not `join`, for which `file/.` is the file itself. */
function below(folder: string, name: string): string {
  return folder.endsWith(sep) ? folder + name : folder + sep + name;
}
