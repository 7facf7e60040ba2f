import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openTerminal, terminalCommand } from '../../main/electron/terminal.ts';

const argv = ['ssh', '-F', '/my config', 'gpu01'];
const on = (platform: NodeJS.Platform, there: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  terminalCommand(argv, platform, { env, isThere: (program) => there.includes(program) });

it('takes the terminal of the person, then that of the system, then a usual one', () => {
  expect(on('linux', ['xterm', 'konsole'])).toEqual({ program: 'konsole', args: ['-e', ...argv] });
  expect(on('linux', ['xterm', 'x-terminal-emulator'])?.program).toBe('x-terminal-emulator');
  expect(on('linux', ['/opt/kitty', 'xterm'], { TERMINAL: '/opt/kitty' })).toEqual({
    program: '/opt/kitty',
    args: argv,
  });
  expect(on('linux', ['mine'], { TERMINAL: 'mine' })).toEqual({ program: 'mine', args: ['-e', ...argv] });
  expect(on('linux', ['xterm'], { TERMINAL: 'gone' })?.program).toBe('xterm');
  expect(on('linux', [])).toBeNull();
});

it('gives the words of the command as words, also to Terminal and to the console', () => {
  expect(on('win32', [])).toEqual({ program: 'conhost.exe', args: argv });
  const { program, args } = on('darwin', []) ?? {};
  expect(program).toBe('osascript');
  expect(args?.at(-1)).toBe("ssh -F '/my config' gpu01");
  // No part of the script holds what comes from outside.
  expect(args?.slice(0, -1).join(' ')).not.toContain('gpu01');
});

it.skipIf(process.platform !== 'linux')('starts it, and says where there is none', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-terminal-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  onTestFinished(() => void vi.unstubAllEnvs());
  const program = path.join(folder, 'my-terminal');
  const seen = path.join(folder, 'seen');
  await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$@" > ${seen}.new && mv ${seen}.new ${seen}\n`, {
    mode: 0o700,
  });
  vi.stubEnv('TERMINAL', program);
  await openTerminal(argv);
  const read = await vi.waitFor(() => readFile(seen, 'utf8'), { timeout: 20_000 });
  expect(read).toBe(`-e\n${argv.join('\n')}\n`);
  vi.stubEnv('TERMINAL', '');
  vi.stubEnv('PATH', folder);
  await expect(openTerminal(argv)).rejects.toMatchObject({ code: 'unsupported' });
});
