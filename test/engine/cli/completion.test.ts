/** Completion in the real shells: tmux types half a word and Tab, and shows what the shell makes of it. */

import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printCompletion, shells } from '../../../main/cli/commands/completion.ts';
import { run } from '../../../main/cli/program.ts';
import { createTerminal } from '../../support/terminal.ts';

const exec = promisify(execFile);
const isHere = (program: string, flag = '--version') => spawnSync(program, [flag]).status === 0;

let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'vllm-tray-completion-'));
  await mkdir(path.join(home, '.ssh'));
  await writeFile(path.join(home, '.ssh', 'config'), 'Host h100-01 *.example\n  Port 1\nHost rtx-lab\n');
});
afterAll(async () => {
  await tmux('kill-server').catch(() => undefined);
  // A shell that ends writes its history there.
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

async function tmux(...args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    TMUX_TMPDIR: home,
    LC_ALL: 'C.UTF-8',
    TERM: 'xterm-256color',
  };
  return (await exec('tmux', ['-f', '/dev/null', ...args], { env })).stdout;
}

async function printed(...args: readonly string[]): Promise<string> {
  const terminal = createTerminal({ home, env: { SHELL: '/bin/fish' } });
  expect(await run(args, terminal.io, '1')).toBe(0);
  return terminal.out();
}

const starts = {
  bash: ['bash', '--norc', '--noprofile'],
  zsh: ['zsh', '-f'],
  fish: ['fish', '--no-config'],
} as const;

describe.each(shells)('in %s', (shell) => {
  const available = isHere('tmux', '-V') && isHere(shell);
  if (!available) console.warn(`skipped: ${shell} or tmux is missing here`);

  it.skipIf(!available)('commands, options, choices, hosts and sessions are completed', async () => {
    const file = path.join(home, `script.${shell}`);
    await writeFile(file, await printed('completion', shell));
    // Its name has what a shell would run or cut if it came to the command line as it is.
    await tmux('new-session', '-d', '-s', `${shell}-work $(id)`, '--', 'sleep', '600');
    await tmux('new-session', '-d', '-s', shell, '-x', '160', '-y', '50', '--', ...starts[shell]);
    const screen = () => tmux('capture-pane', '-p', '-J', '-t', `=${shell}:`);
    const send = (...keys: readonly string[]) => tmux('send-keys', '-t', `=${shell}:`, ...keys);
    const until = (text: string | RegExp) => expect.poll(screen, { timeout: 30_000 }).toMatch(text);
    const load = shell === 'zsh' ? `autoload -U compinit; compinit -u; source ${file}` : `source ${file}`;
    await send(
      `${load}; echo loaded-$((1 + 1))`.replace(
        '$((1 + 1))',
        shell === 'fish' ? '(math 1 + 1)' : '$((1 + 1))',
      ),
      'Enter',
    );
    await until('loaded-2');
    for (const [typed, whole] of [
      ['gpu-', 'gpu-idle-top '],
      ['gpu-idle-top --refr', 'gpu-idle-top --refresh '],
      ['vllm-queue-top --once --hist', 'vllm-queue-top --once --history '],
      ['clean-tmux-forwards --no-m', 'clean-tmux-forwards --no-model '],
      ['completion fi', 'completion fish '],
      ['forward --local-port 9000 h', 'forward --local-port 9000 h100-01 '],
      [`attach-tmux ${shell}-w`, String.raw`attach-tmux ${shell}-work\ \$\(id\)`],
    ] as const) {
      await send('C-u');
      await send('-l', `vllm-tray ${typed}`);
      await send('Tab');
      await send('-l', 'END');
      const plain = whole.replaceAll(/[\\$()]/g, '\\$&');
      await until(new RegExp(`vllm-tray ${plain} ?END`));
    }
  });
});

it('has every option of the tree, and a new one without further ado', () => {
  const program = new Command('vllm-tray');
  program.command('brew').description("it's new").option('--quite-new <file>', 'a [new] thing: so');
  for (const shell of shells) {
    let text = '';
    printCompletion(shell, program, { out: { write: (more) => (text += more), on: () => 0, off: () => 0 } });
    expect(text).toContain('brew');
    expect(text).toContain('quite-new');
  }
});

it('is printed and put in place by the options that vllmctl has for it', async () => {
  expect(await printed('--show-completion', 'bash')).toBe(await printed('completion', 'bash'));
  expect(await printed('--show-completion')).toBe(await printed('completion', 'fish'));
  const files = {
    bash: '.local/share/bash-completion/completions/vllm-tray',
    zsh: '.zfunc/_vllm-tray',
    fish: '.config/fish/completions/vllm-tray.fish',
  };
  for (const shell of shells) {
    expect(await printed('--install-completion', shell)).toContain(path.join(home, files[shell]));
    expect(await readFile(path.join(home, files[shell]), 'utf8')).toBe(await printed('completion', shell));
  }
  const file = path.join(home, 'no-folder');
  await writeFile(file, '');
  const barred = createTerminal({ home: file });
  expect(await run(['--install-completion', 'zsh'], barred.io, '1')).toBe(1);
  expect(barred.err()).toBe(
    `${file}/.zfunc/_vllm-tray could not be written (ENOTDIR). To print it: vllm-tray completion zsh\n`,
  );
  const terminal = createTerminal({ home, env: { SHELL: '/bin/dash' } });
  expect(await run(['--show-completion'], terminal.io, '1')).toBe(2);
  expect(terminal.err()).toContain('Name a shell: bash, zsh, fish.');
});
