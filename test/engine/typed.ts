/** Shells that a person types or pastes into, run as such a shell is: interactive, without settings of their own. */

import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const shells = ['bash', 'zsh', 'fish', 'tcsh', 'dash'] as const;
export type Shell = (typeof shells)[number];

/** Its path, or null where it is not installed; prints that. */
export function pathOf(shell: Shell): string | null {
  const { stdout } = spawnSync('/bin/sh', ['-c', `command -v ${shell}`], { encoding: 'utf8' });
  if (stdout.trim() === '') console.warn(`skipped: there is no ${shell} here; install ${shell}`);
  return stdout.trim() || null;
}

export interface Desk {
  readonly dir: string;
  /** Pastes the text and a line that ends the shell; resolves to what it printed. */
  paste(shell: Shell, text: string, env?: Readonly<Record<string, string>>): Promise<string>;
  /** With which arguments pasted text has started this program, which only notes them, since this was last asked. */
  started(program: string): Promise<readonly (readonly string[])[]>;
  remove(): Promise<void>;
}

/** A folder with programs of these names that note their arguments. */
export async function createDesk(programs: readonly string[] = []): Promise<Desk> {
  const dir = await mkdtemp(join(tmpdir(), 'vt-typed-'));
  const bin = join(dir, 'bin');
  await mkdir(bin);
  for (const program of programs) {
    const noting = `#!/bin/sh\nprintf '%s\\0' "$@" $# >>'${join(dir, program)}'\n`;
    await writeFile(join(bin, program), noting);
    await chmod(join(bin, program), 0o755);
  }
  return {
    dir,
    async paste(shell, text, env = {}) {
      // Of a file: fish reads no socket, which is what a pipe of Node is.
      const typed = join(dir, 'typed');
      await writeFile(typed, `${text}\nexit\n`);
      const input = await open(typed);
      const child = spawn(shell, ['-i'], {
        stdio: [input.fd, 'pipe', 'pipe'],
        cwd: dir,
        env: { HOME: dir, PATH: `${bin}:${process.env.PATH}`, TERM: 'dumb', LC_ALL: 'C.UTF-8', ...env },
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (chunk: string) => {
          output += chunk;
        });
      await new Promise((resolve) => child.once('close', resolve));
      await input.close();
      return output;
    },
    async started(program) {
      const path = join(dir, program);
      const words = (await readFile(path, 'utf8').catch(() => '')).split('\0').slice(0, -1);
      await rm(path, { force: true });
      const calls: string[][] = [];
      while (words.length > 0) {
        const count = Number(words.pop());
        calls.unshift(words.splice(words.length - count));
      }
      return calls;
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
