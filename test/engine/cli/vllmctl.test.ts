/**
 * The command lines of vllmctl's users, typed as they are there: the built program as a process, without an option of its own,
 * on hosts of a configuration at its usual place.
 */

import { execFile, spawn, spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoCluster, startDemoCluster } from '../../../main/demo/cluster.ts';

const program = path.resolve(import.meta.dirname, '../../../build/vllm-tray.mjs');
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) console.warn('skipped: commands about tmux sessions; there is no tmux here');

let home: string;
let cluster: DemoCluster;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'vllm-tray-vllmctl-'));
  cluster = await startDemoCluster();
  await mkdir(path.join(home, '.ssh'));
  await copyFile(cluster.sshConfigPath, path.join(home, '.ssh', 'config'));
  await run('--version');
});
afterAll(async () => {
  await tmux('kill-server').catch(() => undefined);
  await cluster?.dispose();
  await rm(home, { recursive: true, force: true });
});

const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  TMUX_TMPDIR: home,
  SHELL: '/bin/bash',
});

async function tmux(...args: readonly string[]): Promise<string> {
  for (;;) {
    try {
      return (await promisify(execFile)('tmux', args, { env: environment() })).stdout;
    } catch (error) {
      // The server ends with its last session, and is about to.
      if (!/server exited unexpectedly|lost server/.test(String(error))) throw error;
    }
  }
}

function run(...args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { cwd: home, env: environment() });
  child.stdin.end();
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text.out += more;
  });
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    text.err += more;
  });
  return new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>(
    (resolve) => child.on('close', (code) => resolve({ code, ...text })),
  );
}

/** What vllmctl takes, the code with which it ends, and what it prints. */
const lines: readonly (readonly [line: string, code: number, printed: RegExp])[] = [
  ['list-local', 0, /./],
  ['list-remote', 0, /^h100-01 +8000 /m],
  ['list-remote --host-regex ^h100-01$ --remote-port 8000', 0, /^h100-01 +8000 /m],
  ['list-remote --host-regex ^cpu-build$ --remote-port 8000 --debug', 0, /^cpu-build .*\(no model\)/m],
  ['auto-forward --host-regex ^h100-01$', 0, /^port \d+ .* h100-01:\d+ +closed again$/m],
  // The range that is named, and not the port that the model had before.
  [
    'auto-forward --host-regex ^h100-01$ --remote-port 8000 --local-range 17700-17709 --no-kill --debug',
    0,
    /^port 1770\d .* h100-01:8000 +closed again$/m,
  ],
  ['vllm-queue-top', 0, /^h100-01 +8000(→\d+)? /m],
  ['vllm-queue-top --refresh 10.0 --history 30', 0, /^HOST .* RUN +WAIT .* WAIT 0-\d+.* RUN 0-\d+/m],
  ['gpu-idle-top', 0, /^h100-01 /m],
  ['gpu-idle-top --refresh 0.5 --history 30 --host-regex ^h100-01$', 0, /^h100-01 /m],
  ['--show-completion bash', 0, /^complete -F \S+ vllm-tray$/m],
  ['--show-completion', 0, /^# bash completion/],
  ['--install-completion', 0, /^Written: .*bash-completion/],
];

it.each(lines)(
  '%s',
  async (line, code, printed) => {
    const ended = await run(...line.split(' '));
    expect(ended.out).toMatch(printed);
    expect(ended.code).toBe(code);
  },
  120_000,
);

/** What serves: on stderr, for it is how far a launch is. The host keeps what is not ready within its `--timeout`. */
it.each([
  ['serve Qwen/Qwen3-8B --server h100-01 --timeout 1 --max-model-len 8192', 4, /It was not ready within 1 s/],
  [
    'launch --server a100-train-1 --model Qwen/Qwen3-8B --tensor-parallel-size 1 --lifetime 10m --timeout 1',
    4,
    /it is: vllm-tray serve Qwen\/Qwen3-8B --server a100-train-1 --tensor-parallel-size 1\n[\s\S]*It was not ready/,
  ],
  [
    'serve meta-llama/Llama-3.1-8B-Instruct --server a100-train-2 --remote-port 8000 --local-range 17710-17719',
    1,
    /The model needs a token, or an account that may read it \(.*GatedRepoError/,
  ],
  ['serve Qwen/Qwen3-8B --server h100-01 --gpus 0 --conda-env vllm_env', 1, /there is no conda on the host/],
  ['serve Qwen/Qwen3-8B --server h100-01 --lifetime soon', 2, /It must be a time such as 30s, 10m, 2h or 1d/],
  ['serve Qwen/Qwen3-8B --server nowhere', 1, /nowhere/],
  ['serve Qwen/Qwen3-8B', 2, /--server/],
])(
  '%s',
  async (line, code, said) => {
    const ended = await run(...line.split(' '));
    expect(ended.err).toMatch(said);
    expect(ended.out).toBe('');
    expect(ended.code).toBe(code);
  },
  120_000,
);

describe.skipIf(!hasTmux)('about tmux sessions', () => {
  const dead = 'vllmctl_h100-01_8000_16190';
  const start = (name: string) => tmux('new-session', '-d', '-s', name, '--', 'sleep', '600');

  it.each([
    ['tmux-forwards', dead, 0, /tmux vllmctl_h100-01_8000_16190 +h100-01 +8000 +16190 .*Dead/],
    ['tmux-forwards --tmux-prefix vllmctl_', dead, 0, /vllmctl_h100-01_8000_16190/],
    [
      'tmux-forwards --tmux-prefix lab_',
      'lab_h100-01_8000_16190',
      0,
      /tmux lab_h100-01_8000_16190 +h100-01 /,
    ],
    ['tmux-forwards', 'vllmctl_notes', 0, /No forward by its name .*vllmctl_notes/],
    // It asks first, which vllmctl did not.
    ['clean-tmux-forwards', dead, 2, /^$/],
    ['clean-tmux-forwards --yes', dead, 0, /^Ended vllmctl_h100-01_8000_16190\.$/m],
    ['clean-tmux-forwards --tmux-prefix lab_ --yes', 'lab_x_8000_16191', 0, /^Ended lab_x_8000_16191\.$/m],
    ['clean-tmux-forwards --no-model --yes', dead, 0, /^Ended vllmctl_h100-01_8000_16190\.$/m],
    [`kill-tmux ${dead}`, dead, 0, /^Ended vllmctl_h100-01_8000_16190\.$/m],
    ['kill-tmux work', 'work', 1, /^$/],
    ['kill-tmux work --any', 'work', 0, /^Ended work\.$/m],
    ['attach-tmux work', 'work', 2, /^$/],
  ] as const)(
    '%s, beside %s',
    async (line, session, code, printed) => {
      await start(session);
      try {
        const ended = await run(...line.split(' '));
        expect(ended.out).toMatch(printed);
        expect(ended.code).toBe(code);
        const isThere = (await tmux('list-sessions').catch(() => '')).includes(session);
        expect(isThere).toBe(!ended.out.includes('Ended'));
      } finally {
        await tmux('kill-server').catch(() => undefined);
      }
    },
    120_000,
  );
});

it.each([
  ['vllm-queue-top --refersh 2', 'Did you mean --refresh?'],
  ['gpu-idle-top --hstory 2', 'Did you mean --history?'],
  ['tmux-forwards --tmux-prefx x', 'Did you mean --tmux-prefix?'],
  ['auto-forward --remote-prt 8000', 'Did you mean --remote-port?'],
  ['attach-tmx work', 'Did you mean attach-tmux?'],
])('%s names the nearest', async (line, said) => {
  const ended = await run(...line.split(' '));
  expect(ended.err).toContain(said);
  expect(ended.code).toBe(2);
});
