import { readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '#common/failure.ts';
import { plainText } from '#common/text.ts';
import { type DecodedConfig, decodeConfig } from './config-bytes.ts';
import { type Directive, splitArguments, splitDirective, splitGroupComment } from './config-lines.ts';
import { expandGlob } from './glob.ts';
import { type IncludePlace, readIncludePattern } from './include-pattern.ts';
import { type InstalledSsh, installedSsh } from './installed-ssh.ts';

/** A directive in reading order; `enter` and `leave` stand around the content of every included file. */
export type ConfigItem =
  | ({
      readonly kind: 'directive';
      readonly file: string;
      readonly line: number;
      /** What a `# group:` comment right above names; absent where there is none. */
      readonly group?: string;
    } & Directive)
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
  /** For variables in an Include, and to find the ssh that says whether it takes any; default that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** What the installed ssh does; default: it is asked. */
  readonly ssh?: Pick<InstalledSsh, 'expandsIncludes' | 'homeOf'>;
}

/** OpenSSH's own limit (READCONF_MAX_DEPTH). */
const maxDepth = 16;
const maxFileBytes = 32_000_000;
/** For one walk: files that include each other twice would otherwise be read 2^16 times. */
const maxTotalBytes = 64_000_000;
const fileCostBytes = 2048;
const patternCostBytes = 2048;
/** Files that are read at once. */
const readAhead = 16;
/** A file full of rubbish is reported once, not line by line. */
export const maxProblems = 50;

/**
 * Reads an ssh_config(5) file with everything it includes. What cannot be read is a problem (`config-unreadable`, with
 * file and line) and the rest goes on; a missing top file, and an Include that matches nothing, are none. Never rejects.
 */
export async function walkConfig(path: string, options: WalkOptions = {}): Promise<ConfigWalk> {
  const { home = homedir(), folder = join(home, '.ssh'), env = process.env } = options;
  const ssh = options.ssh ?? installedSsh(env);
  const walk = createWalk({ home, folder, env, ssh });
  await walk.readInto(path, path, []);
  const { items, files, includes, problems } = walk.found;
  return {
    items,
    files: [...new Set([path, ...files])],
    includes: [...includes],
    problems: problems.slice(0, maxProblems),
  };
}

/** What one walk finds, and what it has left to spend. */
function createWalk(place: IncludePlace) {
  const items: ConfigItem[] = [];
  const problems: Problem[] = [];
  const files = new Set<string>();
  const includes = new Set<string>();
  const readOnce = once(read);
  const expandOnce = once(expandGlob);
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

  const readInto = async (file: string, where: string, above: readonly string[]): Promise<void> => {
    if (budgetBytes < 0) return;
    const content = await readOnce(file);
    if (content.kind === 'skipped') return;
    if (content.kind === 'failed') return report(where, `${file} ${content.why}`);
    if (above.includes(content.id)) return report(where, `${file} includes itself`);
    if (above.length > maxDepth)
      return report(where, `${file} is included more than ${maxDepth} levels deep`);
    if (!spend(content.text.length + fileCostBytes, where, file)) return;
    files.add(file);
    if (content.flaw !== null) report(`${file}:${content.flaw.line}`, content.flaw.what);
    let group: string | null = null;
    for (const [index, line] of content.text.split('\n').entries()) {
      const directive = splitDirective(line);
      if (directive === null) {
        group = splitGroupComment(line) ?? group;
        continue;
      }
      items.push({
        kind: 'directive',
        file,
        line: index + 1,
        ...(group !== null && { group }),
        ...directive,
      });
      group = null;
      if (directive.keyword === 'include')
        await include(directive.rest, `${file}:${index + 1}`, [...above, content.id]);
    }
  };

  const include = async (rest: string, where: string, above: readonly string[]): Promise<void> => {
    const patterns = splitArguments(rest);
    if (patterns === null) return report(where, 'a quote is not closed');
    if (patterns.length === 0) return report(where, 'Include names no file');
    for (const pattern of patterns) {
      const reading = await readIncludePattern(pattern, place);
      if (reading.kind === 'failed') {
        report(where, `Include ${pattern} is ${reading.why}`);
        continue;
      }
      const glob = reading.text;
      if (!spend(patternCostBytes, where, pattern)) return;
      includes.add(glob);
      const named = await expandOnce(glob);
      for (const [at, file] of named.entries()) {
        if (budgetBytes >= 0) for (const next of named.slice(at, at + readAhead)) void readOnce(next);
        items.push({ kind: 'enter' });
        await readInto(file, where, above);
        items.push({ kind: 'leave' });
      }
    }
  };

  return { readInto, found: { items, files, includes, problems } };
}

/** The same answer to the same question. */
function once<T>(ask: (question: string) => Promise<T>): (question: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (question) => {
    const answer = answers.get(question) ?? ask(question);
    answers.set(question, answer);
    return answer;
  };
}

export function configProblem(where: string, what: string): Problem {
  return { code: 'config-unreadable', detail: plainText(`${where}: ${what}`, 400) };
}

type Content =
  | ({ readonly kind: 'text'; readonly id: string } & DecodedConfig)
  /** Not there, or nothing that holds lines: ssh passes over it in silence too. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'failed'; readonly why: string };

async function read(file: string): Promise<Content> {
  try {
    const info = await stat(file);
    if (info.isDirectory() || info.isCharacterDevice()) return { kind: 'skipped' };
    // Opening a FIFO would wait for a writer for ever.
    if (!info.isFile()) return { kind: 'failed', why: 'is not a regular file' };
    if (info.size > maxFileBytes) return { kind: 'failed', why: 'is larger than 32 MB' };
    return { kind: 'text', ...decodeConfig(await readFile(file)), id: await realpath(file) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return code === 'ENOENT' ? { kind: 'skipped' } : { kind: 'failed', why: `cannot be read (${code})` };
  }
}
