import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { AppError, type ConnectStep, type ErrorCode } from '#common/failure.ts';
import { authorityOf, plainText } from '#common/text.ts';
import { after } from '#common/timer.ts';
import { installedSsh } from '../config/installed-ssh.ts';
import type { ResolvedHost } from '../config/resolved.ts';
import { lostConnection } from '../failure.ts';
import { killGroup, spawnGroup } from '../io/child.ts';
import { JoinedStream } from '../io/joined-stream.ts';
import { createLifetime, type Lifetime, request } from '../io/lifetime.ts';
import type { ExecOptions, OpenOptions, Transport } from '../transport.ts';
import { makeControlFolder } from './control-folder.ts';
import { writeOwnConfig } from './own-config.ts';
import { readRefusal, systemConnectFailure, withoutDebug } from './system-failure.ts';

export interface SystemSshOptions {
  /** The jump hosts on the way, the outermost first, as the configuration has them. */
  readonly via: readonly ResolvedHost[];
  readonly env: NodeJS.ProcessEnv;
  readonly connectMs: number;
  /** The user's own ControlMaster is alive: it is used. */
  readonly ridesOwnMaster: boolean;
  readonly signal: AbortSignal;
  readonly onStep: (step: ConnectStep) => void;
}

/** A login with a security key waits for its user to touch it. */
const loginMs = 30_000;
const closeGraceMs = 1000;
const maxStderrChars = 16_000;
const maxNoiseChars = 1_000_000;
/** Between two pings the keeper has nothing to say. */
const maxStrayChars = 65_536;

/**
 * Connects with the user's own `ssh`. One child, the keeper, runs `exec cat` on the host: its echo proves the connection
 * and answers pings, and the end of its stdin ends it when this process dies. It is the master of a private control
 * socket, over which commands and streams go as cheap children; Windows' ssh has no such sockets, and each child there is
 * a connection of its own. All run on the configuration of own-config.ts. Errors: those of system-failure.ts, `no-shell`, `connection-timeout`, `cancelled`.
 */
export async function connectSystemSsh(host: ResolvedHost, options: SystemSshOptions): Promise<Transport> {
  const { env, connectMs, ridesOwnMaster, signal, onStep, via } = options;
  if (signal.aborted) throw new AppError('cancelled', { step: 'connect' });
  const folder = await makeControlFolder();
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const own = { route: [...via, host], forwards: 'none', env } as const;
  const hostArgs = await writeOwnConfig(folder, own).catch(async (error: unknown) => {
    await removeFolder();
    throw error;
  });
  const start = (extra: readonly string[], { flags = [], command = [] }: What): Started => {
    const settings = extra.flatMap((setting) => ['-o', setting]);
    return startChild(['-T', '-e', 'none', ...settings, ...flags, ...hostArgs, ...command], env);
  };
  const sharesOwn = !ridesOwnMaster && process.platform !== 'win32';
  const path = sharesOwn ? [`ControlPath=${join(folder, 's')}`] : [];
  const alone = process.platform === 'win32' ? ['ControlPath=none'] : path;
  onStep('connect');
  const role = sharesOwn ? 'ControlMaster=yes' : 'ControlMaster=no';
  // At QUIET it would fail without a word.
  const keeper = start(['LogLevel=INFO', role, ...alone], { command: ['exec cat'] });
  const lifetime = createLifetime();
  let ready = false;
  const giveUp = (): void => {
    const detail = plainText(keeper.output.text, 200);
    if (ready)
      lifetime.end(new AppError('probe-garbled', { detail: 'the host sends what it was not asked for' }));
    else lifetime.end(new AppError('no-shell', { step: 'shell', detail, command: host.command }));
    killGroup(keeper.child);
  };
  keeper.child.stdout?.on('data', (chunk: Buffer) => {
    keeper.output.text += chunk.toString('latin1');
    if (keeper.output.text.length > (ready ? maxStrayChars : maxNoiseChars)) giveUp();
  });
  keeper.child.stderr?.on('data', () => {
    if (keeper.stderr.length > maxNoiseChars) giveUp();
  });
  void keeper.ended.then(() => {
    lifetime.end(keeperFailure(keeper, host, ready));
    void removeFolder();
  });
  const echo = createEcho(keeper, lifetime);
  try {
    const timeoutMs = Math.max(loginMs, host.connectTimeoutMs ?? connectMs);
    await echo({ timeoutMs, signal });
    ready = true;
  } catch (error) {
    killGroup(keeper.child);
    await keeper.ended;
    throw signal.aborted ? new AppError('cancelled', { step: 'connect' }) : shellFailure(error, keeper, host);
  }
  return createTransport(keeper, lifetime, {
    echo,
    start: (what) => start(['ControlMaster=no', 'LogLevel=DEBUG2', ...alone], what),
    forwardsToSockets: installedSsh(env).forwardsToSockets,
  });
}

/** What a child is started for: flags before the host's name, and the remote command behind it. */
interface What {
  readonly flags?: readonly string[];
  readonly command?: readonly string[];
}

type Echo = (options: OpenOptions) => Promise<void>;

/** Sends a random line and waits until it comes back; what comes before it is noise of the login shell. */
function createEcho({ child, output, stderr }: Started, lifetime: Lifetime): Echo {
  return (options) =>
    request<true>({
      ...options,
      lifetime,
      start: (answer) => {
        const mark = randomBytes(12).toString('hex');
        const look = (): void => {
          if (!output.text.includes(mark)) return;
          output.text = '';
          stderr.length = 0;
          child.stdout?.off('data', look);
          answer(null, true);
        };
        child.stdout?.on('data', look);
        child.stdin?.write(`${mark}\n`);
      },
      onTimeout: () => new AppError('connection-timeout', { detail: 'no answer to a ping' }),
    }).then(() => undefined);
}

interface Started {
  readonly child: ChildProcess;
  /** The end of what it has written, and the length of all since the latest echo. */
  readonly stderr: { text: string; length: number };
  /** The latest output of the keeper; streams read theirs themselves. */
  readonly output: { text: string };
  /** Resolves when the process has ended and its pipes are read. */
  readonly ended: Promise<number | null>;
}

function startChild(args: readonly string[], env: NodeJS.ProcessEnv): Started {
  const child = spawnGroup('ssh', args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const stderr = { text: '', length: 0 };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr.text = `${stderr.text}${text}`.slice(-maxStderrChars);
    stderr.length += text.length;
  });
  // A child that has gone cannot be written to; its end tells.
  child.stdin?.on('error', () => undefined);
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      stderr.text += error.message;
      resolve(null);
    });
    child.once('close', resolve);
  });
  return { child, stderr, output: { text: '' }, ended };
}

function keeperFailure({ stderr }: Started, host: ResolvedHost, wasReady: boolean): AppError {
  const said = withoutDebug(stderr.text);
  if (wasReady) return new AppError('connection-lost', { detail: plainText(said, 300) });
  return said === '' ? lostConnection(null) : systemConnectFailure(said, host);
}

/** The connection stands and no echo comes: the account runs something else than our command. */
function shellFailure(error: unknown, { output, stderr }: Started, host: ResolvedHost): unknown {
  const noise = plainText(output.text, 200);
  if (
    !(error instanceof AppError) ||
    (error.code !== 'connection-timeout' && error.code !== 'connection-lost')
  )
    return error;
  if (noise !== '') return new AppError('no-shell', { step: 'shell', detail: noise, command: host.command });
  const said = withoutDebug(stderr.text);
  return said === '' ? error : systemConnectFailure(said, host);
}

interface Means {
  readonly echo: Echo;
  readonly start: (what: What) => Started;
  readonly forwardsToSockets: () => Promise<boolean>;
}

function createTransport(
  keeper: Started,
  lifetime: Lifetime,
  { echo, start, forwardsToSockets }: Means,
): Transport {
  const children = new Set<ChildProcess>();
  let received = 0;
  keeper.child.stdout?.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });

  const open = async (
    what: What,
    refusal: (said: string) => AppError,
    timeoutCode: ErrorCode,
    { onStderr, ...options }: ExecOptions,
  ): Promise<Duplex> => {
    let stream: Duplex | null = null;
    const opened = request<Duplex>({
      ...options,
      lifetime,
      start: (answer) => {
        const one = start(what);
        // Read from the beginning: Node throws away what a child has written when it ends unread.
        const itsStream = streamOf(one, lifetime, (bytes) => {
          received += bytes;
        });
        stream = itsStream;
        children.add(one.child);
        void one.ended.then(() => {
          children.delete(one.child);
          answer(refusal(withoutDebug(one.stderr.text)));
        });
        // ssh tells at this level that the other side has opened the channel.
        const lookForOpen = (): void => {
          if (!/master session id|open confirm/.test(one.stderr.text)) return;
          one.child.stderr?.off('data', lookForOpen).on('data', (text: string) => onStderr?.(text.length));
          answer(null, itsStream);
        };
        one.child.stderr?.on('data', lookForOpen);
      },
      onTimeout: () => new AppError(timeoutCode, { detail: 'the host opened no channel in time' }),
    });
    return opened.catch((error: unknown) => {
      stream?.destroy();
      throw error;
    });
  };

  return {
    client: 'system',
    answered: false,
    exec: (command, options = {}) =>
      open({ command: [command] }, (said) => readRefusal(said, 'shell'), 'probe-timeout', options),
    stream: (address, port, options = {}) => {
      const refusal = (said: string): AppError => readRefusal(`${said}\n${keeper.stderr.text}`, 'forward');
      return open({ flags: ['-W', authorityOf(address, port)] }, refusal, 'server-timeout', options);
    },
    async socket(path, options = {}) {
      if (!(await forwardsToSockets())) throw new AppError('socket-unsupported', { step: 'forward' });
      const refusal = (said: string): AppError => readRefusal(`${said}\n${keeper.stderr.text}`, 'forward');
      return await open({ flags: ['-W', path] }, refusal, 'server-timeout', options);
    },
    ping: (timeoutMs) => echo({ timeoutMs }),
    bytesReceived: () => received,
    onClose: (listener) => lifetime.onEnd(listener),
    close(reason) {
      if (reason !== undefined) lifetime.end(reason);
      for (const child of children) killGroup(child);
      keeper.child.stdin?.end();
      const timer = after(closeGraceMs, () => killGroup(keeper.child));
      void keeper.ended.then(() => timer.cancel());
    },
  };
}

function streamOf({ child, ended }: Started, lifetime: Lifetime, onBytes: (bytes: number) => void): Duplex {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('a child without pipes');
  stdout.on('data', (chunk: Buffer) => onBytes(chunk.length));
  const stream = new JoinedStream({
    readable: stdout,
    writable: stdin,
    release: async () => {
      killGroup(child);
      for (const pipe of [stdin, stdout, child.stderr]) pipe?.destroy();
      await ended;
    },
  });
  const offEnd = lifetime.onEnd((reason) => stream.destroy(reason));
  stream.once('close', offEnd);
  return stream;
}
