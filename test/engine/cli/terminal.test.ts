/** The live screens in a real terminal: tmux draws what the program writes, and sends it keys and sizes. */

import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellWord } from '#common/text.ts';
import { type DemoCluster, startDemoCluster } from '../../../main/demo/cluster.ts';

const exec = promisify(execFile);
const program = path.resolve(import.meta.dirname, '../../../build/vllm-tray.mjs');
const available = spawnSync('tmux', ['-V']).status === 0;

describe.skipIf(!available)('in a real terminal', () => {
  let home: string;
  let cluster: DemoCluster;

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'vllm-tray-terminal-'));
    cluster = await startDemoCluster();
    // Built before the clock of a test runs.
    await exec(process.execPath, [program, '--version']);
  });
  afterAll(async () => {
    await tmux('kill-server').catch(() => undefined);
    await cluster?.dispose();
    await rm(home, { recursive: true, force: true });
  });

  async function tmux(...args: readonly string[]): Promise<string> {
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      TMUX_TMPDIR: home,
      XDG_CONFIG_HOME: path.join(home, 'settings'),
      LC_ALL: 'C.UTF-8',
      TERM: 'xterm-256color',
    };
    const { stdout } = await exec('tmux', ['-f', '/dev/null', ...args], { env });
    return stdout;
  }

  /** Runs a command in a shell of its own, which says at the end how it has ended. */
  async function start(name: string, command: readonly string[], columns: number, rows: number, input = '') {
    const words = [process.execPath, program, ...command, '--ssh-config', cluster.sshConfigPath];
    const script = `unset TMUX; ${words.map(shellWord).join(' ')} ${input}; echo "ended with $?"; exec sleep 600`;
    await tmux('new-session', '-d', '-s', name, '-x', `${columns}`, '-y', `${rows}`, 'sh', '-c', script);
    const lines = async () => (await tmux('capture-pane', '-p', '-t', name)).split('\n').slice(0, -1);
    return {
      lines,
      press: (...keys: readonly string[]) => tmux('send-keys', '-t', name, ...keys),
      type: (text: string) => tmux('send-keys', '-t', name, '-l', text),
      resize: (x: number, y: number) => tmux('resize-window', '-t', name, '-x', `${x}`, '-y', `${y}`),
      /** Waits until the screen is as this. */
      until: (what: RegExp) =>
        expect.poll(async () => (await lines()).join('\n'), { timeout: 30_000 }).toMatch(what),
    };
  }

  it.each([
    ['a live screen', ['gpu-idle-top'], /idle of/],
    ['a forward', ['forward', 'h100-01', '8000'], /is at http/],
  ])('ends with its terminal, and does not crash: %s', async (name, command, shown) => {
    const file = path.join(home, `${name} ended`);
    const words = [process.execPath, program, ...command, '--ssh-config', cluster.sshConfigPath];
    // As an interactive shell does it, which hands the signal on.
    const script = `${words.map(shellWord).join(' ')} <&0 & trap "kill -HUP $!" HUP; wait; wait $!; echo $? >${shellWord(file)}`;
    await tmux('new-session', '-d', '-s', 'gone', '-x', '100', '-y', '20', 'sh', '-c', script);
    await expect.poll(() => tmux('capture-pane', '-p', '-t', 'gone'), { timeout: 30_000 }).toMatch(shown);
    await tmux('kill-session', '-t', 'gone');
    const signal = constants.signals.SIGHUP;
    await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toBe(`${128 + signal}\n`);
  });

  it('scrolls, sorts, filters and follows the size of the terminal, and leaves it as it was', async () => {
    const screen = await start('live', ['gpu-idle-top'], 80, 16);
    await screen.until(
      /^\d+ idle of \d+ GPUs[\s\S]*\nMeasured at \d\d:\d\d:\d\d, [\s\S]*\n1-11 of \d+ {2}q quits/,
    );
    const first = (await screen.lines())[3];
    await screen.press('NPage');
    await screen.until(/\n11-21 of \d+ /);
    // Titles and headline stay.
    expect((await screen.lines())[2]).toMatch(/^HOST +IDLE +UTIL/);
    expect((await screen.lines())[3]).not.toBe(first);
    await screen.press('End');
    await screen.until(/vllm-tray gpu-idle-top --login --ssh-config \S+\n\n\d+-\d+ of/);
    await screen.press('Home', 's');
    await screen.until(/\nHOST↑ [\s\S]*\na100-mig /);
    await screen.press('r');
    await screen.until(/\nHOST↓ [\s\S]*\nrtx-lab /);
    await screen.type('/h100-0');
    await screen.until(/\n\/h100-0▏/);
    const filtered = (await screen.lines()).slice(3, 6).map((line) => line.split(' ')[0]);
    expect(filtered).toEqual(['h100-03', 'h100-02', 'h100-01']);
    await screen.press('Enter');
    await screen.until(/\n\/h100-0 {2}q quits/);
    await screen.press('Escape');
    await screen.until(/\nrtx-lab /);
    await screen.resize(40, 9);
    await screen.until(/\n1-4 of \d+ {2}q quits/);
    const small = await screen.lines();
    expect(small).toHaveLength(9);
    await screen.resize(120, 40);
    await screen.until(/NVIDIA H100 80GB HBM3[\s\S]*\n\nq quits {2}s sorts/);
    await screen.press('C-c');
    await screen.until(/^ended with 0$/m);
    expect((await screen.lines()).join('\n')).not.toContain('Measured at');
  }, 120_000);

  it('shows a tmux session until it is left', async () => {
    await tmux('new-session', '-d', '-s', 'work', '--', 'sh', '-c', 'echo the work; exec sleep 600');
    const refused = await start('piped', ['attach-tmux', 'work'], 80, 20, '</dev/null');
    await refused.until(/there is no terminal[\s\S]*ended with 2/);
    const screen = await start('viewer', ['attach-tmux', 'work'], 80, 20);
    await screen.until(/the work/);
    await tmux('detach-client', '-s', '=work');
    await screen.until(/^ended with 0$/m);
  });

  it('gives a model the room at 80 columns, and no line is longer', async () => {
    const screen = await start('models', ['list-remote'], 80, 60);
    await screen.until(/^ended with 0$/m);
    const lines = await screen.lines();
    expect(lines.join('\n')).toContain('meta-llama/Llama-3.3-70B-Instruct ');
    // None was wrapped: each line of the table begins with its host.
    const from = lines.findIndex((line) => line.startsWith('HOST'));
    for (const line of lines.slice(from + 1, lines.indexOf('', from)))
      expect(line).toMatch(/^[a-z][\w-]+ +\d+ {2}/);
  });
});

describe('in a pipe', () => {
  let home: string;
  let cluster: DemoCluster;
  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'vllm-tray-pipe-'));
    cluster = await startDemoCluster();
  });
  afterAll(async () => {
    await cluster?.dispose();
    await rm(home, { recursive: true, force: true });
  });

  it.each([
    ['list-hosts'],
    ['gpu-idle-top'],
    ['list-remote'],
    ['vllm-queue-top'],
    ['auto-forward'],
    ['list-local', '--timeout', '1'],
    ['tmux-forwards', '--timeout', '1'],
  ])('%s writes text, and nothing that moves or colours', async (...command) => {
    const args = [program, ...command, '--ssh-config', cluster.sshConfigPath];
    const env = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: path.join(home, 'settings') };
    const { stdout, stderr } = await exec(process.execPath, args, { cwd: home, env });
    expect(stdout).toMatch(/\n$/);
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
