/** The commands and options of the program as plain data, for the scripts that complete them in a shell. */

import type { Argument, Command, Option } from 'commander';

/** What a shell offers where a value is due: its own choices, or what only the moment tells. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' }
  /** Aliases of the SSH configuration. */
  | { readonly kind: 'host' }
  /** tmux sessions of this computer. */
  | { readonly kind: 'session' };

export interface OptionShape {
  /** With its dashes. */
  readonly flag: string;
  readonly help: string;
  /** Null for a switch. */
  readonly value: (Values & { readonly name: string }) | null;
}

export interface CommandShape {
  readonly name: string;
  readonly help: string;
  readonly options: readonly OptionShape[];
  /** One after the other. */
  readonly values: readonly Values[];
}

export interface ProgramShape {
  readonly name: string;
  readonly options: readonly OptionShape[];
  readonly commands: readonly CommandShape[];
}

/** Everything that `--help` shows: a new command or option is in it without further ado. */
export function programShape(program: Command): ProgramShape {
  const help = program.createHelp();
  const optionsOf = (command: Command): readonly OptionShape[] =>
    help.visibleOptions(command).map((option) => ({
      flag: option.long ?? option.short ?? '',
      help: option.description,
      value: option.required || option.optional ? { name: nameOf(option), ...valuesOf(option) } : null,
    }));
  const commands = help.visibleCommands(program);
  return {
    name: program.name(),
    options: optionsOf(program),
    commands: commands.map((command) => ({
      name: command.name(),
      help: command.description(),
      options: optionsOf(command),
      values:
        command.name() === 'help'
          ? [{ kind: 'words', words: commands.map((one) => one.name()) }]
          : command.registeredArguments.map(valuesOf),
    })),
  };
}

const kinds: Readonly<Record<string, Values>> = {
  file: { kind: 'file' },
  host: { kind: 'host' },
  session: { kind: 'session' },
};

function valuesOf(asked: Option | Argument): Values {
  return kinds[nameOf(asked)] ?? { kind: 'words', words: asked.argChoices ?? [] };
}

/** What the value is called in the help: the `file` of `--ssh-config <file>`. */
function nameOf(asked: Option | Argument): string {
  if (!('flags' in asked)) return asked.name();
  return /[<[]([^\]>.]+)/.exec(asked.flags)?.[1] ?? '';
}
