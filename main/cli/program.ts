import { Argument, Command, CommanderError, Option } from 'commander';
import { AppError, errors } from '#common/errors.ts';
import { type AutoForwardOptions, autoForward } from './commands/auto-forward.ts';
import { type ForwardOptions, forward } from './commands/forward.ts';
import { gpuIdleTop } from './commands/gpu-idle-top.ts';
import { listHosts } from './commands/list-hosts.ts';
import { listLocal } from './commands/list-local.ts';
import { type ListRemoteOptions, listRemote } from './commands/list-remote.ts';
import { type CleanOptions, cleanTmuxForwards, killTmux, tmuxForwards } from './commands/tmux-forwards.ts';
import { vllmQueueTop } from './commands/vllm-queue-top.ts';
import { exitCodes, type Io } from './io.ts';
import type { LiveOptions } from './live.ts';
import { addCommonOptions, type CommonOptions, parsePort, parsePortRange, parsePorts } from './options.ts';

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
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.badUsage;
    if (!(error instanceof AppError)) throw error;
    io.err.write(`${error.message}.\n${errors[error.code].hint}\n`);
    return exitCodes.failed;
  }
}

const exitCodeHelp = `Results go to stdout, progress and messages to stderr.
Exit code: 0 when at least one host answered, 3 when none did, 2 on bad usage, 130 when interrupted before
there was a result, 1 on any other failure.`;

const liveHelp =
  'Without --once: live on a terminal until q; with --json one object a line, again after changes.';

function createProgram(io: Io, version: string, done: (code: number) => void): Command {
  const program = new Command('vllm-tray')
    .description('Idle GPUs and model servers on the hosts of your SSH configuration.')
    .version(version)
    .addHelpText('after', `\n${exitCodeHelp}`)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
    });
  const add = (name: string, description: string): Command =>
    addCommonOptions(program.command(name).description(description));

  add('list-hosts', 'list the hosts of the SSH configuration; contacts nobody').action(
    async (options: CommonOptions) => done(await listHosts(options, io)),
  );
  add('gpu-idle-top', 'show the GPUs of all hosts, most idle first')
    .option('--once', 'measure once and end')
    .addHelpText('after', `\n${liveHelp}`)
    .action(async (options: LiveOptions) => done(await gpuIdleTop(options, io)));
  add('list-remote', 'list the models that run on all hosts')
    .addOption(
      new Option('--remote-port <ports>', 'ask these ports alone, for example 8000,8001').argParser(
        parsePorts,
      ),
    )
    .action(async (options: ListRemoteOptions) => done(await listRemote(options, io)));
  add('vllm-queue-top', 'show how busy the models of all hosts are')
    .option('--once', 'measure once and end')
    .addHelpText('after', `\n${liveHelp}`)
    .action(async (options: LiveOptions) => done(await vllmQueueTop(options, io)));
  add('list-local', 'list the models on ports of this computer; contacts no host').action(
    async (options: CommonOptions) => done(await listLocal(options, io)),
  );
  add('tmux-forwards', 'list the forwards in tmux sessions and of ssh processes; contacts no host').action(
    async (options: CommonOptions) => done(await tmuxForwards(options, io)),
  );
  add('clean-tmux-forwards', 'end the tmux sessions whose forwards are dead, after asking')
    .option('--yes', 'do not ask')
    .action(async (options: CleanOptions) => done(await cleanTmuxForwards(options, io)));
  add('kill-tmux', 'end a tmux session that holds a forward')
    .argument('<name>', 'its name, as tmux-forwards shows it')
    .action(async (name: string, options: CommonOptions) => done(await killTmux(name, options, io)));
  add('auto-forward', 'forward every model that is found to a port of this computer, until Ctrl-C or q')
    .addOption(
      new Option('--local-range <ports>', 'local ports to take, such as 16100-16199').argParser(
        parsePortRange,
      ),
    )
    .option('--no-kill', 'keep a forward whose model is gone')
    .option('--tmux', 'open them in tmux sessions, which outlive this program')
    .option('--once', 'look once, forward and end; only forwards in tmux sessions stay')
    .addHelpText('after', `\n${liveHelp}`)
    .action(async (options: AutoForwardOptions) => done(await autoForward(options, io)));
  add('forward', 'forward a port of a host to this computer until Ctrl-C')
    .argument('<host>', 'alias in the SSH configuration')
    .addArgument(new Argument('<port>', 'port on the host').argParser(parsePort))
    .addOption(
      new Option('--local-port <n>', 'port on this computer (default: the next free one)').argParser(
        parsePort,
      ),
    )
    .action(async (host: string, port: number, options: ForwardOptions) =>
      done(await forward({ host, port }, options, io)),
    );
  return program;
}
