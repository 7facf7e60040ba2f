/** What `--help` shows of each command beside its own options: the common ones that apply to it, and examples. */

import type { CommonName } from './options.ts';

export interface CommandHelp {
  /** The common options that change something here. The others are taken, so that one set of options suits every command. */
  readonly applies: readonly CommonName[];
  /** Command lines without the program's name, each with what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  readonly isLive?: true;
  /** What a common option does here, where that is something else. */
  readonly words?: Readonly<Partial<Record<CommonName, string>>>;
}

const scanning = [
  'sshConfig',
  'hostRegex',
  'group',
  'limit',
  'timeout',
  'demo',
  'debug',
  'login',
  'json',
] as const satisfies readonly CommonName[];
const untilPortAnswers = { timeout: 'seconds to wait for a port of this computer (0.5 to 300)' } as const;
const aboutThisComputer = ['sshConfig', 'debug', 'json'] as const satisfies readonly CommonName[];

const untilReady = {
  timeout: 'seconds to wait until it is ready (1 to 86400); it goes on after that',
} as const;
const serving = [
  'sshConfig',
  'hostRegex',
  'group',
  'timeout',
  'debug',
  'login',
  'json',
] as const satisfies readonly CommonName[];
const launched = [
  'sshConfig',
  'hostRegex',
  'group',
  'limit',
  'timeout',
  'debug',
  'login',
  'json',
] as const satisfies readonly CommonName[];

export const commandHelp = {
  'list-hosts': {
    applies: ['sshConfig', 'hostRegex', 'group', 'demo', 'debug', 'json'],
    examples: [
      ['list-hosts', 'every host, with the address, port and user that ssh would use'],
      ["list-hosts --host-regex '^h100-'", 'only those whose alias begins with h100-'],
    ],
  },
  'gpu-idle-top': {
    applies: scanning,
    isLive: true,
    examples: [
      ['gpu-idle-top', 'live, until q'],
      ['gpu-idle-top --once --json | jq .hosts', 'one measurement, for a script'],
      ['gpu-idle-top --refresh 2 --history 60', 'every 2 seconds, with graphs of 2 minutes'],
      ['gpu-idle-top --group h100', 'only the hosts of one group'],
      ['gpu-idle-top --demo', 'what it looks like, on simulated hosts'],
    ],
  },
  'list-remote': {
    applies: scanning,
    examples: [
      ['list-remote', 'the models at every port that listens'],
      ['list-remote --remote-port 8000,8001', 'those at two ports'],
      ['list-remote --debug', 'the hosts without a model too, and the log'],
    ],
  },
  'vllm-queue-top': {
    applies: scanning,
    isLive: true,
    examples: [
      ['vllm-queue-top', 'live, until q'],
      ['vllm-queue-top --refresh 1', 'every second'],
      ["vllm-queue-top --once --host-regex '^h100-'", 'one look at some hosts'],
    ],
  },
  'list-local': {
    applies: [...aboutThisComputer, 'timeout'],
    words: untilPortAnswers,
    examples: [
      ['list-local', 'what answers here, and who serves or forwards it'],
      ['list-local --timeout 1', 'wait at most one second for a port that hangs'],
    ],
  },
  'tmux-forwards': {
    applies: [...aboutThisComputer, 'timeout'],
    words: untilPortAnswers,
    examples: [
      ['tmux-forwards', 'each session and ssh process, and whether its forward works'],
      ['tmux-forwards --tmux-prefix lab_', 'sessions called lab_HOST_PORT_PORT'],
    ],
  },
  'clean-tmux-forwards': {
    applies: [...aboutThisComputer, 'timeout'],
    words: untilPortAnswers,
    examples: [
      ['clean-tmux-forwards', 'show what is dead, and ask'],
      ['clean-tmux-forwards --no-model', 'those whose model is gone too'],
      ['clean-tmux-forwards --yes', 'do not ask'],
    ],
  },
  'kill-tmux': {
    applies: aboutThisComputer,
    examples: [
      ['kill-tmux vllmctl_h100-01_8000_16100', 'end this session'],
      ['kill-tmux work --any', 'end one that holds no forward'],
    ],
  },
  'attach-tmux': {
    applies: [],
    examples: [['attach-tmux vllmctl_h100-01_8000_16100', 'show it; Ctrl-B D leaves it']],
  },
  'auto-forward': {
    applies: scanning,
    isLive: true,
    examples: [
      ['auto-forward', 'forward every model, until q'],
      ['auto-forward --remote-port 8000', 'only those at port 8000'],
      ['auto-forward --local-range 17000-17099', 'to these local ports'],
      [
        'auto-forward --once --tmux',
        'open the forwards in tmux, where they keep running after this program ends',
      ],
    ],
  },
  forward: {
    applies: ['sshConfig', 'timeout', 'demo', 'debug', 'json'],
    examples: [
      ['forward h100-01 8000', 'port 8000 of h100-01, at the next free local port'],
      ['forward h100-01 8000 --local-port 9000', 'the same at http://localhost:9000'],
      ['forward login node7:8000', 'a port of node7, as the host login reaches it'],
      ['forward h100-01 /run/vllm.sock', 'a unix socket of h100-01'],
      ['forward h100-01:8000 h100-02:8001', 'several, also login:node7:8000; those that fail are said'],
    ],
  },
  gateway: {
    applies: scanning,
    examples: [
      ['gateway', 'one address for the models of all hosts and of this computer'],
      ['gateway --port 17000 --json', 'at another port; prints url and key for a program'],
      ['gateway --demo', 'the models of simulated hosts'],
    ],
  },
  serve: {
    applies: serving,
    words: untilReady,
    examples: [
      ['serve Qwen/Qwen3-8B --server h100-01', 'on one free GPU of h100-01'],
      [
        'serve Qwen/Qwen3-32B --server auto --gpus 4 --lifetime 2h',
        'on four, where they fit best, for two hours',
      ],
      ['serve Qwen/Qwen3-8B --server h100-01 --max-model-len 8192', 'with an argument of vllm serve'],
    ],
  },
  launch: {
    applies: serving,
    words: untilReady,
    examples: [
      [
        'launch --server h100-01 --model Qwen/Qwen3-8B',
        'the same as: serve Qwen/Qwen3-8B --server h100-01 --tensor-parallel-size 8',
      ],
    ],
  },
  launches: {
    applies: launched,
    examples: [['launches --all', 'also those that have ended, and why']],
  },
  stop: { applies: launched, examples: [['stop vllmctl_server_8000', 'end it on its host']] },
  logs: { applies: launched, examples: [['logs vllmctl_server_8000 --follow', 'as it grows']] },
  extend: { applies: launched, examples: [['extend vllmctl_server_8000 2h', 'two hours more than it had']] },
  completion: {
    applies: [],
    examples: [
      ['completion zsh > _vllm-tray', 'for a folder of your fpath'],
      ['--install-completion bash', 'put it where bash finds it; zsh and fish as well'],
    ],
  },
} as const satisfies Readonly<Record<string, CommandHelp>>;

export type CommandName = keyof typeof commandHelp;

const liveHelp = `Without --once: live on a terminal until q; with --json one object a line,
again after changes.
Keys: arrows, Page Up and Page Down scroll; s sorts by the next column, S by the
one before, r turns the order round, / filters, Esc shows all rows again.`;

/** The part of a command's help below its options. */
export function helpAfter({ examples, isLive }: CommandHelp): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, what]) => `  vllm-tray ${line.padEnd(width)}  ${what}`);
  return `${isLive ? `\n${liveHelp}\n` : ''}\nExamples:\n${lines.join('\n')}`;
}
