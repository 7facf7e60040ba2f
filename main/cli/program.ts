import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { OptionError } from '#app/options.ts';
import { knownError } from '#common/failure.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import { usualPrefix } from '#engine/this-computer/session-name.ts';
import { attachTmux } from './commands/attach-tmux.ts';
import { type AutoForwardOptions, autoForward } from './commands/auto-forward.ts';
import { addCompletionOptions, printCompletion, type Shell, shells } from './commands/completion.ts';
import { type ForwardOptions, forward } from './commands/forward.ts';
import { type GatewayOptions, gateway } from './commands/gateway.ts';
import { gpuIdleTop } from './commands/gpu-idle-top.ts';
import {
  extendLaunch,
  type LaunchesOptions,
  type LogsOptions,
  launches,
  launchLogs,
  stopLaunch,
} from './commands/launches.ts';
import { listHosts } from './commands/list-hosts.ts';
import { listLocal } from './commands/list-local.ts';
import { type ListRemoteOptions, listRemote } from './commands/list-remote.ts';
import { type LaunchOptions, launch, serve } from './commands/serve.ts';
import {
  type CleanOptions,
  cleanTmuxForwards,
  type KillOptions,
  killTmux,
  type PrefixOptions,
  tmuxForwards,
} from './commands/tmux-forwards.ts';
import { vllmQueueTop } from './commands/vllm-queue-top.ts';
import { type CommandHelp, type CommandName, commandHelp, helpAfter } from './help.ts';
import { exitCodes, type Io } from './io.ts';
import { addServeOptions, parseLifetimeOption, type ServeOptions, withDefault } from './launch-options.ts';
import type { LiveTopOptions } from './live.ts';
import {
  addCommonOptions,
  addTopOptions,
  type CommonOptions,
  type ForwardPlace,
  parseForwardPlaces,
  parsePort,
  parsePortRange,
  portsOption,
  prometheusOption,
} from './options.ts';

/** Runs one command line (without the program's name) and returns the exit code. Rejects only for a bug. */
export async function run(args: readonly string[], io: Io, version: string): Promise<number> {
  let code: number = exitCodes.ok;
  const program = createProgram(io, version, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // Help and version are asked for; all else that commander throws is bad usage, which it has explained.
    if (error instanceof CommanderError) {
      const isBadUsage = error.exitCode !== 0 && error.code !== completionEnded;
      return isBadUsage ? exitCodes.badUsage : error.exitCode;
    }
    if (error instanceof OptionError) {
      io.err.write(`error: ${error.message}\n`);
      return exitCodes.badUsage;
    }
    const known = knownError(error);
    if (known === null) throw error;
    io.err.write(`${known.message}.\n${errorsEn[known.code].hint}\n`);
    return exitCodes.failed;
  }
}

const completionEnded = 'vllm-tray.completion';

const programHelp = `Examples:
  vllm-tray gpu-idle-top          idle GPUs, live
  vllm-tray list-remote           the models on all hosts
  vllm-tray forward h100-01 8000  that port of that host, at localhost
  vllm-tray list-remote --demo    the models on simulated hosts

Each command has its own options: vllm-tray COMMAND --help.
Results go to stdout, progress and messages to stderr.
Exit code: 0 when at least one host answered, 3 when none did, 2 on bad usage,
4 when a model was not ready in time, 130 when interrupted before there was a
result, 1 on any other failure.`;

function createProgram(io: Io, version: string, done: (code: number) => void): Command {
  const program = new Command('vllm-tray')
    .description('Idle GPUs and model servers on the hosts of your SSH configuration.')
    .version(version)
    .addHelpText('after', `\n${programHelp}`)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
    });
  const add = (name: CommandName, description: string): Command => {
    const help: CommandHelp = commandHelp[name];
    const command = program.command(name).description(description).addHelpText('after', helpAfter(help));
    return addCommonOptions(command, help);
  };
  addScanning({ add, io, done });
  addLocal({ add, io, done });
  addForwarding({ add, io, done });
  addLaunching({ add, io, done });
  addCompletionOptions(program, io, (code) => {
    throw new CommanderError(code, completionEnded, '');
  });
  add('completion', 'print what completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(shells))
    .action((shell: Shell) => printCompletion(shell, program, io));
  return program;
}

interface Adding {
  readonly add: (name: CommandName, description: string) => Command;
  readonly io: Io;
  readonly done: (code: number) => void;
}

function addScanning({ add, io, done }: Adding): void {
  add('list-hosts', 'list the hosts of the SSH configuration; contacts no host').action(
    async (options: CommonOptions) => done(await listHosts(options, io)),
  );
  addTopOptions(add('gpu-idle-top', 'show the GPUs of all hosts, most idle first'), 0.5)
    .addOption(prometheusOption())
    .action(async (options: LiveTopOptions) => done(await gpuIdleTop(options, io)));
  add('list-remote', 'list the models that run on all hosts')
    .addOption(portsOption())
    .addOption(prometheusOption())
    .action(async (options: ListRemoteOptions) => done(await listRemote(options, io)));
  addTopOptions(add('vllm-queue-top', 'show how busy the models of all hosts and of this computer are'), 10)
    .addOption(prometheusOption())
    .action(async (options: LiveTopOptions) => done(await vllmQueueTop(options, io)));
}

function addLocal({ add, io, done }: Adding): void {
  add('list-local', 'list the models on ports of this computer; contacts no host').action(
    async (options: CommonOptions) => done(await listLocal(options, io)),
  );
  const prefix = ['--tmux-prefix <text>', 'what the names of the sessions begin with', usualPrefix] as const;
  add('tmux-forwards', 'list the forwards in tmux sessions and of ssh processes; contacts no host')
    .option(...prefix)
    .action(async (options: PrefixOptions) => done(await tmuxForwards(options, io)));
  add('clean-tmux-forwards', 'end the tmux sessions whose forwards are dead, after asking')
    .option(...prefix)
    .option('--no-model', 'end also those through which something listens, but no model answers')
    .option('--yes', 'do not ask')
    .action(async (options: CleanOptions) => done(await cleanTmuxForwards(options, io)));
  add('kill-tmux', 'end a tmux session that holds a forward')
    .argument('<session>', 'its name, as tmux-forwards shows it')
    .option('--any', 'end it also where it holds no forward')
    .action(async (name: string, options: KillOptions) => done(await killTmux(name, options, io)));
  add('attach-tmux', 'show a tmux session of this computer in the terminal')
    .argument('<session>', 'its name, as tmux-forwards shows it')
    .action(async (name: string) => done(await attachTmux(name, io)));
}

function addForwarding({ add, io, done }: Adding): void {
  add('auto-forward', 'forward every model that is found to a port of this computer, until Ctrl-C or q')
    .addOption(portsOption())
    .addOption(
      new Option('--local-range <ports>', 'local ports to take, such as 16100-16199').argParser(
        parsePortRange,
      ),
    )
    .option('--no-kill', 'keep a forward whose model is gone')
    .option('--tmux', 'open them in tmux sessions, which keep running after this program ends')
    .option('--once', 'look once, forward and end; only forwards in tmux sessions stay')
    .action(async (options: AutoForwardOptions) => done(await autoForward(options, io)));
  const forwarding = add(
    'forward',
    'forward ports or sockets of hosts, or beyond them, to this computer until Ctrl-C',
  )
    .usage('[options] <host> <target> | <host:target>...')
    .argument('<host>', 'alias in the SSH configuration')
    .argument('[target...]', 'port on the host, node7:8000 beyond it, or /run/vllm.sock')
    .addOption(
      new Option('--local-port <n>', 'port on this computer (default: the next free one)').argParser(
        parsePort,
      ),
    )
    .action(async (host: string, targets: readonly string[], options: ForwardOptions) => {
      const places = forwardPlaces(forwarding, [host, ...targets]);
      if (places.length > 1 && options.localPort !== undefined)
        forwarding.error('error: --local-port is for one target; several take the next free ones');
      done(await forward(places, options, io));
    });
  add('gateway', 'answer at one local address for every model that is found, until Ctrl-C')
    .addOption(
      new Option('--port <n>', 'port on this computer (default: that of the settings, 16000)').argParser(
        parsePort,
      ),
    )
    .action(async (options: GatewayOptions) => done(await gateway(options, io)));
}

function forwardPlaces(command: Command, words: readonly string[]): readonly ForwardPlace[] {
  try {
    return parseForwardPlaces(words);
  } catch (error) {
    if (error instanceof InvalidArgumentError) command.error(`error: ${error.message}`);
    throw error;
  }
}

function addLaunching({ add, io, done }: Adding): void {
  const further = '[args...]';
  const forVllm = 'every further argument is for vllm serve';
  addServeOptions(add('serve', 'start a model on a host, on free GPUs, and forward it'))
    .argument('<model>', 'as vllm serve takes it')
    .argument(further, forVllm)
    .allowUnknownOption()
    .action(async (model: string, args: string[], options: ServeOptions) =>
      done(await serve({ model, args }, options, io)),
    );
  const old = addServeOptions(add('launch', 'deprecated: serve, with the model as an option'))
    .argument(further, forVllm)
    .allowUnknownOption()
    .option('--model <model>', 'as vllm serve takes it', 'Qwen/Qwen2.5-Coder-32B-Instruct')
    .action(async (args: string[], options: LaunchOptions) => done(await launch(args, options, io)));
  withDefault(old, '--tensor-parallel-size', 8);
  add('launches', 'list the models that were started on the hosts')
    .option('--all', 'also those that have ended')
    .action(async (options: LaunchesOptions) => done(await launches(options, io)));
  const name = ['<name>', 'as launches shows it; HOST/NAME where several hosts have it'] as const;
  add('stop', 'end a model that was started on a host')
    .argument(...name)
    .action(async (which: string, options: CommonOptions) => done(await stopLaunch(which, options, io)));
  add('logs', 'print the log of a model that was started on a host')
    .argument(...name)
    .option('--follow', 'go on until it ends, or Ctrl-C')
    .action(async (which: string, options: LogsOptions) => done(await launchLogs(which, options, io)));
  add('extend', 'let a model run longer that has an end')
    .argument(...name)
    .addArgument(new Argument('<time>', 'by how much: 30s, 10m, 2h, 1d').argParser(parseLifetimeOption))
    .action(async (which: string, seconds: number, options: CommonOptions) =>
      done(await extendLaunch({ name: which, seconds }, options, io)),
    );
}
