import type { Problem } from '#common/failure.ts';
import { splitArguments } from './config-lines.ts';
import { configProblem, maxProblems, type WalkOptions, walkConfig } from './config-walk.ts';
import { installedSsh } from './installed-ssh.ts';

export interface Alias {
  readonly alias: string;
  /** Where the name stands first. */
  readonly file: string;
  readonly line: number;
  /** What the `# group:` comment above one of its `Host` lines names, the first that has one; null where none has. */
  readonly group: string | null;
}

export interface AliasReading {
  /** In the order of the configuration, each name once. */
  readonly aliases: readonly Alias[];
  /** The top file, whether or not it is there, and every other one that was read. */
  readonly files: readonly string[];
  /** What the Includes name, as absolute globs: with the files, what to watch for changes. */
  readonly includes: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Reads the concrete names of all `Host` lines (ssh_config(5)): no pattern with `*`, `?` or `!`, nothing from `Match`. The
 * names in a file that is included inside a `Host` block count, although ssh reads it for that host alone. A missing
 * configuration has no names. Never rejects: what is wrong is one problem each (`config-unreadable`), the rest goes on.
 *
 * Own code instead of the package ssh-config: measured against `ssh -G`, that one takes single quotes for part of a name,
 * joins a bare `Host` with the next line and throws on a quote that is not closed.
 */
export async function readAliases(configPath: string, options: WalkOptions = {}): Promise<AliasReading> {
  const walk = await walkConfig(configPath, options);
  const problems = [...walk.problems];
  const aliases = new Map<string, Alias>();
  for (const item of walk.items) {
    if (item.kind !== 'directive' || item.keyword !== 'host') continue;
    const { file, line, group = null } = item;
    const report = (what: string): void => {
      problems.push(configProblem(`${file}:${line}`, what));
    };
    const names = splitArguments(item.rest);
    if (names === null) report('a quote is not closed');
    else if (names.length === 0) report('Host without a name');
    for (const alias of names ?? []) {
      if (/[*?!]/.test(alias)) continue;
      const flaw = unusable(alias);
      if (flaw !== null) report(flaw);
      else {
        const first = aliases.get(alias);
        aliases.set(alias, first === undefined ? { alias, file, line, group } : grouped(first, group));
      }
    }
  }
  // Nothing else would be asked of ssh then, and an empty list would stand there without a word.
  if (aliases.size === 0 && problems.length === 0 && walk.items.length > 0) {
    const refused = await installedSsh(options.env ?? process.env).refusal(configPath);
    if (refused !== null)
      problems.push(configProblem(`${refused.file}:${refused.line}`, `ssh refuses it: ${refused.what}`));
  }
  return {
    aliases: [...aliases.values()],
    files: walk.files,
    includes: walk.includes,
    problems: problems.slice(0, maxProblems),
  };
}

function grouped(alias: Alias, group: string | null): Alias {
  return alias.group === null && group !== null ? { ...alias, group } : alias;
}

/** What ssh itself refuses as a host name, or would take for an option. */
function unusable(alias: string): string | null {
  if (alias === '') return 'an empty host name';
  if (alias.startsWith('-')) return `the host name ${alias} begins with a dash`;
  if (/[\s\u0000-\u001f\u007f-\u009f]/.test(alias))
    return `the host name "${alias}" has a blank or control character`;
  if (alias.includes('\ufffd')) return `the host name ${alias} is not written in UTF-8`;
  return alias.length > 300 ? `the host name ${alias.slice(0, 40)}... is too long` : null;
}
