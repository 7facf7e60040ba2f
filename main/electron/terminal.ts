import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { AppError } from '#common/failure.ts';
import { shellWord } from '#common/text.ts';

export interface TerminalCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** Terminals of Linux desktops, the choice of the person and of the system first, and what each takes before a command. */
const terminals: readonly (readonly [string, readonly string[]])[] = [
  ['x-terminal-emulator', ['-e']],
  ['gnome-terminal', ['--']],
  ['konsole', ['-e']],
  ['xfce4-terminal', ['-x']],
  ['kitty', []],
  ['alacritty', ['-e']],
  ['foot', []],
  ['wezterm', ['start', '--']],
  ['xterm', ['-e']],
];

/** AppleScript that takes the command line as its argument, so that no text becomes part of a script. */
const appleScript = [
  'on run argv',
  'tell application "Terminal" to do script (item 1 of argv)',
  'tell application "Terminal" to activate',
  'end run',
];

/**
 * Returns what starts the person's terminal with that program in it: Terminal on macOS, the console of Windows, elsewhere the one
 * of `TERMINAL`, else the first of the usual ones that `isThere` finds. Null: there is none.
 */
export function terminalCommand(
  argv: readonly string[],
  platform: NodeJS.Platform,
  { env, isThere }: { readonly env: NodeJS.ProcessEnv; readonly isThere: (program: string) => boolean },
): TerminalCommand | null {
  if (platform === 'darwin') {
    const script = appleScript.flatMap((line) => ['-e', line]);
    return { program: 'osascript', args: [...script, argv.map(shellWord).join(' ')] };
  }
  if (platform === 'win32') return { program: 'conhost.exe', args: argv };
  const own = env.TERMINAL;
  if (own && isThere(own)) {
    const [, before = ['-e']] = terminals.find(([name]) => name === path.basename(own)) ?? [];
    return { program: own, args: [...before, ...argv] };
  }
  const found = terminals.find(([name]) => isThere(name));
  return found === undefined ? null : { program: found[0], args: [...found[1], ...argv] };
}

/** Starts a terminal with that program in it, which goes on without the app. Errors: `unsupported` where there is none. */
export async function openTerminal(argv: readonly string[]): Promise<void> {
  const { env, platform } = process;
  const command = terminalCommand(argv, platform, { env, isThere: (program) => isOnPath(program, env.PATH) });
  if (command === null) throw noTerminal();
  const child = spawn(command.program, command.args, { detached: true, stdio: 'ignore' });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', () => reject(noTerminal()));
  });
  child.unref();
}

function noTerminal(): AppError {
  return new AppError('unsupported', { detail: 'no terminal program was found' });
}

function isOnPath(program: string, folders = ''): boolean {
  const files = program.includes('/')
    ? [program]
    : folders.split(path.delimiter).map((folder) => path.join(folder, program));
  return files.some((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      // Not there, or not to be run.
      return false;
    }
  });
}
