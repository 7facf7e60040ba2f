import { cutLoose, plainText } from '#common/text.ts';
import type { RunResult } from '../io/child.ts';
import type { OptionValues } from './interpret.ts';

/** Reads what `ssh -G` printed, lines of `keyword value`; null when ssh did not print any. */
export function parseOutput(result: RunResult): OptionValues | null {
  if (result.kind !== 'ended' || result.code !== 0 || !/^hostname /m.test(result.stdout)) return null;
  const options = new Map<string, string[]>();
  for (const line of result.stdout.split(/\r?\n/)) {
    const blank = line.indexOf(' ');
    if (blank < 1) continue;
    const keyword = line.slice(0, blank).toLowerCase();
    // A few of them are kept, and each would keep the whole text.
    const value = cutLoose(line.slice(blank + 1));
    const values = keyword.endsWith('knownhostsfile') ? splitPaths(value) : [value];
    const before = options.get(keyword);
    if (before === undefined) options.set(keyword, values);
    else for (const one of values) before.push(one);
  }
  return options;
}

/** The values that `ssh -G` prints as they are written. */
export function rawTexts(options: OptionValues): string[] {
  return ['identityfile', 'certificatefile'].flatMap((keyword) => options.get(keyword) ?? []);
}

/** ssh joins the paths with blanks and quotes nothing; as it also makes them absolute, each begins at a root or `~`. */
function splitPaths(value: string): string[] {
  return value.split(/ +(?=[/~\\%$]|[A-Za-z]:[\\/]|none$)/);
}

/** Why ssh printed nothing of the host; null where there is no ssh. */
export function refusalOf(result: RunResult): string | null {
  if (result.kind === 'missing') return null;
  if (result.kind === 'timed-out') return 'ssh -G did not end in time; a Match exec may hang';
  return plainText(result.stderr, 300) || `ssh -G ended with code ${result.code}`;
}

/** A bad line anywhere makes ssh refuse every host; a writable file is refused for good reason and stays refused. */
export function refusesConfiguration(stderr: string): boolean {
  return /bad configuration option|: line \d+|line \d+:|Can't open user config file|Too many recursive/i.test(
    stderr,
  );
}
