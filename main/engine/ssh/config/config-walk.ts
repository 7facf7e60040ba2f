import { readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Problem } from '#common/model.ts';
import { plainText } from '#common/text.ts';
import { type Directive, splitArguments, splitDirective } from './config-lines.ts';
import { expandGlob } from './glob.ts';

/** A directive in reading order; `enter` and `leave` stand around the content of every included file. */
export type ConfigItem =
  | ({ readonly kind: 'directive'; readonly file: string; readonly line: number } & Directive)
  | { readonly kind: 'enter' }
  | { readonly kind: 'leave' };

export interface ConfigWalk {
  readonly items: readonly ConfigItem[];
  /** The top file, whether or not it is there, and every other one that was read, each once. */
  readonly files: readonly string[];
  /** What the Includes name, as absolute globs, each once: a file that comes to match later belongs to it, too. */
  readonly includes: readonly string[];
  readonly problems: readonly Problem[];
}

export interface WalkOptions {
  /** The user's home directory, for `~`. */
  readonly home?: string;
  /** Where relative Includes start from; default `.ssh` in the home directory. */
  readonly folder?: string;
  /** For `${NAME}` in an Include, as newer versions of ssh have it; default the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** OpenSSH's own limit (READCONF_MAX_DEPTH). */
const maxDepth = 16;
const maxFileBytes = 5_000_000;
/** For one walk: files that include each other twice would otherwise be read 2^16 times. */
const maxTotalBytes = 16_000_000;
const fileCostBytes = 4096;
const patternCostBytes = 1024;
/** A file full of rubbish is told about, not listed line by line. */
export const maxProblems = 50;

/**
 * Reads an ssh_config(5) file with everything it includes. What cannot be read is a problem (`config-unreadable`, with
 * file and line) and the rest goes on; a missing top file, and an Include that matches nothing, are none. Never rejects.
 */
export async function walkConfig(path: string, options: WalkOptions = {}): Promise<ConfigWalk> {
  const { home = homedir(), folder = join(home, '.ssh'), env = process.env } = options;
  const items: ConfigItem[] = [];
  const problems: Problem[] = [];
  const files = new Set([path]);
  const includes = new Set<string>();
  const contents = new Map<string, Promise<Content>>();
  const matches = new Map<string, Promise<string[]>>();
  let budgetBytes = maxTotalBytes;

  const report = (where: string, what: string): void => {
    problems.push(configProblem(where, what));
  };

  const spend = (bytes: number, where: string, what: string): boolean => {
    if (budgetBytes < 0) return false;
    budgetBytes -= bytes;
    if (budgetBytes < 0) report(where, `${what} and what follows is left out: too much is included`);
    return budgetBytes >= 0;
  };

  const readOnce = (file: string): Promise<Content> => {
    const known = contents.get(file) ?? read(file);
    contents.set(file, known);
    return known;
  };

  const expandOnce = (glob: string): Promise<string[]> => {
    const known = matches.get(glob) ?? expandGlob(glob);
    matches.set(glob, known);
    return known;
  };

  const readInto = async (file: string, where: string, above: readonly string[]): Promise<void> => {
    const content = await readOnce(file);
    if (content.kind === 'skipped') return;
    if (content.kind === 'failed') return report(where, `${file} ${content.why}`);
    if (above.includes(content.id)) return report(where, `${file} includes itself`);
    if (above.length > maxDepth)
      return report(where, `${file} is included more than ${maxDepth} levels deep`);
    if (!spend(content.text.length + fileCostBytes, where, file)) return;
    files.add(file);
    for (const [index, line] of content.text.split('\n').entries()) {
      const directive = splitDirective(line);
      if (directive === null) continue;
      items.push({ kind: 'directive', file, line: index + 1, ...directive });
      if (directive.keyword === 'include')
        await include(directive.rest, `${file}:${index + 1}`, [...above, content.id]);
    }
  };

  const include = async (rest: string, where: string, above: readonly string[]): Promise<void> => {
    const patterns = splitArguments(rest);
    if (patterns === null) return report(where, 'a quote is not closed');
    if (patterns.length === 0) return report(where, 'Include names no file');
    for (const pattern of patterns) {
      if (/^~[^/\\]/.test(pattern)) {
        report(where, `Include ${pattern} is passed over: only ~/ is known, not the home of another user`);
        continue;
      }
      const glob = anchor(pattern, { home, folder, env });
      if (!spend(patternCostBytes, where, pattern)) return;
      includes.add(glob);
      for (const file of await expandOnce(glob)) {
        items.push({ kind: 'enter' });
        await readInto(file, where, above);
        items.push({ kind: 'leave' });
      }
    }
  };

  await readInto(path, path, []);
  return { items, files: [...files], includes: [...includes], problems: problems.slice(0, maxProblems) };
}

export function configProblem(where: string, what: string): Problem {
  return { code: 'config-unreadable', detail: plainText(`${where}: ${what}`, 400) };
}

/** Relative Includes start from one folder, wherever the file that has them lies. */
function anchor(pattern: string, { home, folder, env }: Required<WalkOptions>): string {
  const text = pattern.replace(/\$\{(\w+)\}/g, (raw, name: string) => env[name] ?? raw);
  if (text === '~' || text.startsWith('~/')) return join(home, text.slice(1));
  return isAbsolute(text) ? text : join(folder, text);
}

type Content =
  | { readonly kind: 'text'; readonly text: string; readonly id: string }
  /** Not there, or nothing that holds lines: ssh passes over it in silence too. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'failed'; readonly why: string };

async function read(file: string): Promise<Content> {
  try {
    const info = await stat(file);
    if (info.isDirectory() || info.isCharacterDevice()) return { kind: 'skipped' };
    // Opening a FIFO would wait for a writer for ever.
    if (!info.isFile()) return { kind: 'failed', why: 'is not a regular file' };
    if (info.size > maxFileBytes) return { kind: 'failed', why: 'is larger than 5 MB' };
    const text = (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
    return { kind: 'text', text, id: await realpath(file) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return code === 'ENOENT' ? { kind: 'skipped' } : { kind: 'failed', why: `cannot be read (${code})` };
  }
}
