import { listHosts, listSessions } from './bash.ts';
import type { OptionShape, ProgramShape, Values } from './tree.ts';

/** The script for fish. */
export function fishCompletion({ name, options, commands }: ProgramShape): string {
  const lines = [
    `complete -c ${name} -f`,
    ...options.map((option) => line(name, '__fish_use_subcommand', optionPart(option))),
    ...commands.map(({ name: command, help }) =>
      line(name, '__fish_use_subcommand', `-a ${quoted(command)} -d ${quoted(help)}`),
    ),
    ...commands.flatMap((command) => {
      const seen = `__fish_seen_subcommand_from ${command.name}`;
      return [
        ...command.options.map((option) => line(name, seen, optionPart(option))),
        ...command.values.flatMap((values) =>
          hasAny(values) ? [line(name, seen, `-a ${candidates(values)}`)] : [],
        ),
      ];
    }),
  ];
  return `# fish completion of ${name}\n${lines.join('\n')}\n`;
}

function line(name: string, when: string, what: string): string {
  return `complete -c ${name} -n ${quoted(when)} ${what}`;
}

function optionPart({ flag, help, value }: OptionShape): string {
  const option = `-l ${flag.replace(/^--/, '')} -d ${quoted(help)}`;
  if (value === null) return option;
  if (value.kind === 'file') return `${option} -r -F`;
  return hasAny(value) ? `${option} -x -a ${candidates(value)}` : `${option} -x`;
}

function hasAny(values: Values): boolean {
  return values.kind !== 'words' || values.words.length > 0;
}

function candidates(values: Values): string {
  switch (values.kind) {
    case 'words':
      return quoted(values.words.join(' '));
    case 'file':
      return quoted('(__fish_complete_path)');
    case 'host':
      return quoted(`(${listHosts})`);
    case 'session':
      return quoted(`(${listSessions})`);
  }
}

/** One word of fish: within single quotes only a quote and a backslash mean something. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
