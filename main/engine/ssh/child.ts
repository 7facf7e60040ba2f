import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

const onWindows = process.platform === 'win32';

/** Starts a program at the head of a process group of its own, so that {@link killGroup} reaches what it starts in turn. */
export function spawnGroup(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn(program, args, { ...options, detached: !onWindows, windowsHide: true });
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
  | { readonly kind: 'ended'; readonly code: number | null; readonly stdout: string; readonly stderr: string }
  /** The program does not exist. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'timed-out' };

const maxOutputChars = 1_000_000;

/** Runs a program without input to its end; why one cannot be started reads like its stderr. Rejects only by the signal. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const { env, timeoutMs, folder, signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawnGroup(program, args, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        if (output[name].length < maxOutputChars) output[name] += text;
      });
    }
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child);
    }, timeoutMs);
    const abort = (): void => killGroup(child);
    signal?.addEventListener('abort', abort, { once: true });
    const done = (): void => {
      clearTimeout(timer);
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
      else resolve(timedOut ? { kind: 'timed-out' } : { kind: 'ended', code, ...output });
    });
  });
}
