import { AppError, describeFailure } from '#common/failure.ts';
import type { Launch, LauncherKind, LaunchPlan } from '#common/launches.ts';
import { forwardUrl } from '#common/select/forwards.ts';
import { sshCommand } from '#common/select/hosts.ts';
import type { Settings } from '#common/settings.ts';
import { shellWord } from '#common/text.ts';
import { launchWords } from '#common/words/launches.ts';
import type { Engine } from '#engine/engine.ts';
import { sayFailed } from '../failures.ts';
import { exitCodes, type Io, interruption, printJson } from '../io.ts';
import { requestOf, type ServeOptions } from '../launch-options.ts';
import { followLog } from '../launch-progress.ts';
import { hasPerson } from '../line-reader.ts';
import { explain, logInFor, unknownHost } from '../named-host.ts';
import { ownCommand } from '../own-command.ts';
import { answerCode, scanAll, withSession } from '../session.ts';

/** Starts a model on a host, shows how it comes up, and ends with its forward in place; the model goes on. */
export function serve(
  { model, args }: { readonly model: string; readonly args: readonly string[] },
  options: ServeOptions,
  io: Io,
): Promise<number> {
  const request = requestOf(model, args, options);
  // Of a scan they say something else: which ports to ask, and how long to wait for a host.
  const { localRange, timeout, remotePort: _port, ...shared } = options;
  const change = (settings: Settings): Settings => ({
    ...settings,
    ...(localRange !== undefined && { localPorts: localRange }),
  });
  const { hostId } = request;
  const about = hostId === null ? {} : ({ about: 'named-host' } as const);
  return withSession({ ...shared, ...about, change }, io, async (session) => {
    const { engine } = session;
    if (hostId === null) {
      if (!(await scanAll(session, io))) return exitCodes.interrupted;
      // Otherwise it would be said that no GPU is free.
      if (answerCode(engine.snapshot()) === exitCodes.noAnswer) {
        sayFailed(engine.snapshot(), io);
        return exitCodes.noAnswer;
      }
    }
    const unknown = hostId === null ? null : unknownHost(hostId, engine.snapshot());
    if (unknown !== null) {
      io.err.write(`${unknown}\n`);
      return exitCodes.failed;
    }
    const planned = async (): Promise<LaunchPlan> => engine.handlers['launch.plan'](request);
    const plan = await planned()
      .catch(async (error: unknown) => {
        if (hostId === null || !hasPerson(io) || !(await logInFor(hostId, engine, io))) throw error;
        return await planned();
      })
      .catch((error: unknown) => explain(error, io, engine.snapshot()));
    if (typeof plan === 'number') return plan;
    sayPlan(plan, io);
    if (io.interrupted.aborted) return exitCodes.interrupted;
    return await start(plan, { engine, io, timeout, json: options.json === true });
  });
}

const programs: Readonly<Record<LauncherKind, string>> = {
  plain: 'the vllm in the PATH of the login shell',
  conda: 'the vllm of an environment of conda',
  venv: 'the vllm of a virtual environment',
  uv: 'vllm by uv',
  container: 'vllm in a container',
};

function sayPlan({ hostId, remotePort, gpus, launcher, command }: LaunchPlan, { err }: Io): void {
  const on = gpus.length === 0 ? 'without GPUs' : `with ${gpus.join(', ')}`;
  err.write(`On ${hostId}, port ${remotePort}, ${on}, by ${programs[launcher]}:\n\n  ${command}\n\n`);
}

interface Started {
  readonly engine: Engine;
  readonly io: Io;
  /** Seconds. */
  readonly timeout: number;
  readonly json: boolean;
}

async function start(plan: LaunchPlan, { engine, io, timeout, json }: Started): Promise<number> {
  const { hostId, name } = plan;
  const id = await engine.handlers['launch.start']({ planId: plan.id, forward: false });
  const untilMs = performance.now() + timeout * 1000;
  const isOver = ({ stage }: Launch): boolean => stage.kind === 'ready';
  const launch = await followLog(engine, id, { io, output: io.err, untilMs, isOver });
  // The name alone may be on several hosts.
  const toType = (command: string): string => ownCommand(engine.snapshot().source, command, id);
  const goesOn = `${name} goes on on ${hostId}. Its log: ${toType('logs')}. To end it: ${toType('stop')}`;
  if (launch?.stage.kind === 'failed') {
    const { kind, line } = launch.stage.failure;
    const { title, hint } = launchWords.en.failure[kind];
    io.err.write(`${describeLine(title, line)}.\n${hint}\n`);
    return exitCodes.failed;
  }
  if (launch?.stage.kind === 'ready') {
    const code = await forwardIt(launch, { engine, io, json });
    io.err.write(`${goesOn}\n${attachLine(launch, engine)}`);
    return code === 'stays' ? await interruption(io).then(() => exitCodes.ok) : exitCodes.ok;
  }
  if (launch?.stage.kind === 'stopped') {
    io.err.write(`${name}: ${launchWords.en.stopped[launch.stage.why]}.\n`);
    return exitCodes.failed;
  }
  if (io.interrupted.aborted) {
    io.err.write(`${goesOn}\n`);
    return exitCodes.interrupted;
  }
  io.err.write(`It was not ready within ${timeout} s. ${goesOn}\n`);
  return exitCodes.timedOut;
}

function describeLine(title: string, line: string): string {
  return line === '' ? title : `${title} (${line})`;
}

/** By a tmux session, as vllmctl does, so that the forward goes on too; where there is no tmux, as long as this program runs. */
async function forwardIt(
  { hostId, name, remotePort, model, gpus, endsAt }: Launch,
  { engine, io, json }: Pick<Started, 'engine' | 'io' | 'json'>,
): Promise<'left' | 'stays'> {
  const target = { hostId, remotePort };
  const outer = await Promise.resolve(engine.handlers['tmux.open'](target)).catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    io.err.write(`${describeFailure(error)}: the forward is open until Ctrl-C.\n`);
    return null;
  });
  const own = outer === null ? await engine.handlers['forward.open'](target) : null;
  const localPort = outer?.localPort ?? own?.localPort ?? null;
  const url = own === null ? `http://localhost:${localPort}/v1` : forwardUrl(own);
  if (json)
    printJson(io.out, { alias: hostId, session: name, remotePort, localPort, url, model, gpus, endsAt });
  else io.out.write(`${model} is at ${url}\n`);
  return outer === null ? 'stays' : 'left';
}

function attachLine({ hostId, name }: Launch, engine: Engine): string {
  const { hosts, source } = engine.snapshot();
  const host = hosts.find(({ id }) => id === hostId);
  if (host === undefined) return '';
  return `To see it there: ${sshCommand(source, host, { remote: `tmux attach -t ${shellWord(`=${name}`)}` })}\n`;
}

/** vllmctl's older name of `serve`. */
export interface LaunchOptions extends ServeOptions {
  readonly model: string;
  /** Other than of `serve`, it has a default. */
  readonly tensorParallelSize: number;
}

export function launch(args: readonly string[], options: LaunchOptions, io: Io): Promise<number> {
  const { model, ...shared } = options;
  const { server, tensorParallelSize } = options;
  const words = ['serve', model, '--server', server, '--tensor-parallel-size', String(tensorParallelSize)];
  const line = ['vllm-tray', ...words].map(shellWord).join(' ');
  io.err.write(`launch is deprecated; with the other options as they are it is: ${line}\n`);
  return serve({ model, args }, shared, io);
}
