import { basename, dirname, extname } from 'node:path';
import { settingsBounds } from '#common/bounds.ts';
import type { Settings } from '#common/settings.ts';
import { plainText } from '#common/text.ts';
import { matchesAny } from './globs.ts';

/** What may say which group a host belongs to; null where nothing does. */
export interface GroupHints {
  /** Of a `# group:` comment of the SSH configuration. */
  readonly comment: string | null;
  /** The value of the label that the settings name, where Prometheus knows the host. */
  readonly label: string | null;
  /** The file of the SSH configuration it stands in, where another one includes that. */
  readonly includedFile: string | null;
}

/**
 * The group of a host: what the settings say comes before the comment, that before the label, and the file comes last. Null:
 * none. The name is plain text of at most {@link settingsBounds}' `groupLength` letters.
 */
export function groupOf(
  alias: string,
  hints: GroupHints,
  { byFile, patterns }: Pick<Settings['groups'], 'byFile' | 'patterns'>,
): string | null {
  const byPattern = patterns.find(({ hosts }) => matchesAny(alias, hosts))?.name;
  const file = byFile && hints.includedFile !== null ? nameOfFile(hints.includedFile) : null;
  for (const name of [byPattern, hints.comment, hints.label, file]) {
    const plain = plainText(name ?? '', settingsBounds.groupLength);
    if (plain !== '') return plain;
  }
  return null;
}

/** `h100` of `~/.ssh/config.d/10-h100.conf`; of a file that is merely called config, the folder it stands in. */
function nameOfFile(file: string): string {
  const name = basename(file, extname(file)).replace(/^\d+[-_.]/, '');
  if (!/^(?:ssh_)?config$/i.test(name)) return name;
  return basename(dirname(file)).replace(/^\.(?=.)/, '');
}
