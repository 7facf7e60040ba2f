import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { AppError, knownError, messageOf } from '#common/failure.ts';
import { after } from '#common/timer.ts';

const onWindows = process.platform === 'win32';

/**
 * Starts a program at the head of a process group of its own, so that {@link killGroup} reaches what it starts in turn.
 * Throws `open-files` where there are none left for its pipes: Node gives a child without any then.
 */
export function spawnGroup(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(program, args, { ...options, detached: !onWindows, windowsHide: true });
  if (child.stdio !== undefined) return child;
  // It comes again as an event, which would end the app when nothing listens.
  child.on('error', () => undefined);
  throw new AppError('open-files', { detail: `${program} could not be started` });
}

/** Ends the child and everything it has started. Safe when it has ended already. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (onWindows) child.kill();
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: the whole group has ended already.
  }
}

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** The folder to run in; default: that of this process. */
  readonly folder?: string;
  readonly signal?: AbortSignal | undefined;
}

export type RunResult =
  | {
      readonly kind: 'ended';
      readonly code: number | null;
      readonly stdout: string;
      readonly stderr: string;
      /** Set when there were no files left to start it with, which says nothing of the program. */
      readonly outOfFiles?: AppError;
    }
  /** The program does not exist. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'timed-out' };

/** All processes of a large computer are less. */
const maxOutputChars = 16_000_000;

/**
 * Runs a program without input to its end; why one cannot be started reads like its stderr. One that prints without end is
 * stopped, and has failed: what is cut short says something else than the whole. Rejects only by the signal.
 */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const { env, timeoutMs, folder, signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = start(program, args, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    if ('kind' in child) return resolve(child);
    const output = { stdout: '', stderr: '' };
    /** Why it was stopped, if it was. */
    let stopped: RunResult | null = null;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
        if (output[name].length > maxOutputChars) tooMuch();
      });
    }
    const tooMuch = (): void => {
      const stderr = `${program} printed more than ${maxOutputChars} characters`;
      stopped ??= { kind: 'ended', code: null, stdout: '', stderr };
      for (const pipe of [child.stdout, child.stderr]) pipe?.removeAllListeners('data').destroy();
      killGroup(child);
    };
    const timer = after(timeoutMs, () => {
      stopped = { kind: 'timed-out' };
      killGroup(child);
    });
    const abort = (): void => killGroup(child);
    signal?.addEventListener('abort', abort, { once: true });
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', abort);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      done();
      if (error.code === 'ENOENT') resolve({ kind: 'missing' });
      else resolve({ kind: 'ended', code: null, stdout: '', stderr: error.message });
    });
    child.once('close', (code) => {
      done();
      if (signal?.aborted) reject(signal.reason);
      else resolve(stopped ?? { kind: 'ended', code, ...output });
    });
  });
}

/** The child, or why there is none. */
function start(program: string, args: readonly string[], options: SpawnOptions): ChildProcess | RunResult {
  try {
    return spawnGroup(program, args, options);
  } catch (error) {
    const outOfFiles = knownError(error);
    return {
      kind: 'ended',
      code: null,
      stdout: '',
      stderr: messageOf(error),
      ...(outOfFiles !== null && { outOfFiles }),
    };
  }
}
