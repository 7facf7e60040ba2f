import type { Source } from '#common/snapshot.ts';
import { shellWord } from '#common/text.ts';

/** The line to type for a command of this program about the hosts that it has now; the usual configuration needs no name. */
export function ownCommand(source: Source, ...words: readonly string[]): string {
  const { kind, configFile } = source;
  const where = kind === 'demo' ? ['--demo'] : configFile === undefined ? [] : ['--ssh-config', configFile];
  return ['vllm-tray', ...words, ...where].map(shellWord).join(' ');
}
