import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { OptionError } from '#app/options.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { type ProgramShape, programShape } from '../completion/tree.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { exitCodes, type Io } from '../io.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

const scripts: Readonly<Record<Shell, (program: ProgramShape) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Prints the script that completes every command and option in that shell. */
export function printCompletion(shell: Shell, program: Command, { out }: Pick<Io, 'out'>): void {
  out.write(scripts[shell](programShape(program)));
}

/** Adds `--show-completion` and `--install-completion`, which take the shell that runs where none is named. */
export function addCompletionOptions(program: Command, io: Io, ended: (code: number) => never): void {
  const add = (flag: string, help: string, act: (shell: Shell) => number): void => {
    program.addOption(new Option(`--${flag} [shell]`, help).choices(shells));
    program.on(`option:${flag}`, (given: string | null) => {
      ended(act(shellOf(given, io)));
    });
  };
  add('show-completion', 'print the completion script of a shell', (shell) => {
    printCompletion(shell, program, io);
    return exitCodes.ok;
  });
  add('install-completion', 'put it where the shell finds it', (shell) => install(shell, program, io));
}

/** Errors: {@link OptionError} where none is given and the one that runs is another. */
function shellOf(given: string | null, { env }: Pick<Io, 'env'>): Shell {
  const name = given ?? path.basename(env.SHELL ?? '');
  const shell = shells.find((one) => one === name);
  if (shell === undefined) throw new OptionError(`Name a shell: ${shells.join(', ')}.`);
  return shell;
}

function install(shell: Shell, program: Command, { env, home, out, err }: Io): number {
  const data = env.XDG_DATA_HOME || path.join(home, '.local', 'share');
  const config = env.XDG_CONFIG_HOME || path.join(home, '.config');
  const name = program.name();
  const file = {
    bash: path.join(data, 'bash-completion', 'completions', name),
    zsh: path.join(home, '.zfunc', `_${name}`),
    fish: path.join(config, 'fish', 'completions', `${name}.fish`),
  }[shell];
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, scripts[shell](programShape(program)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    err.write(`${file} could not be written (${code}). To print it: ${name} completion ${shell}\n`);
    return exitCodes.failed;
  }
  out.write(`Written: ${file}\n`);
  if (shell === 'zsh')
    out.write(
      'If it is not there yet, add to ~/.zshrc: fpath=(~/.zfunc $fpath); autoload -U compinit; compinit\n',
    );
  return exitCodes.ok;
}
