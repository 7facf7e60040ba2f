/** Runs what a client asks for in a real `/bin/sh`, as sshd does without a terminal. */

import { spawn } from 'node:child_process';
import { Transform } from 'node:stream';
import type { ServerChannel } from 'ssh2';

export interface ShellOptions {
  /** Null: the login shell, which reads its commands from stdin. */
  readonly command: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** How much later each piece of input arrives. */
  readonly delayMs: number;
}

export interface Shell {
  /** Closes its input and outputs, as sshd does; what has not ended after two seconds is killed. */
  hangUp(): void;
  /** Ends it at once, with everything it started. Safe to call twice. */
  kill(): void;
  /** Resolves when it has ended, by itself or not. */
  readonly ended: Promise<void>;
}

const hangUpGraceMs = 2000;

/** Starts the shell and joins it to the channel: input, output, end of file both ways, and exit status. */
export function runShell(channel: ServerChannel, options: ShellOptions): Shell {
  const child = spawn('/bin/sh', options.command === null ? [] : ['-c', options.command], {
    cwd: options.cwd,
    env: options.env,
    // A process group of its own, to be ended as a whole.
    detached: true,
    stdio: 'pipe',
  });
  const input = options.delayMs === 0 ? channel : channel.pipe(late(options.delayMs));
  let running = true;
  let patience: NodeJS.Timeout | undefined;
  const kill = () => {
    if (running && child.pid !== undefined) killGroup(child.pid);
  };
  const hangUp = () => {
    if (!running || patience !== undefined) return;
    if (input !== channel) input.destroy();
    for (const pipe of child.stdio) pipe?.destroy();
    patience = setTimeout(kill, hangUpGraceMs);
  };
  input.pipe(child.stdin);
  // The shell may end before it has read everything; the rest is read away, or the channel would never close.
  child.stdin.on('error', () => channel.resume());
  child.stdin.on('close', () => channel.resume());
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on('error', (error) => channel.stderr.write(`${error.message}\n`));
  channel.on('close', hangUp);
  const ended = new Promise<void>((resolve) => {
    // 'close' comes after the last byte of output, as long as anything still holds the pipes.
    child.on('close', (code, signalName) => {
      clearTimeout(patience);
      kill(); // what it left in the background
      running = false;
      if (input !== channel) input.destroy();
      if (signalName !== null) channel.exit(signalName.replace(/^SIG/, ''));
      else channel.exit(code === null || code < 0 ? 127 : code);
      channel.end();
      resolve();
    });
  });
  return { hangUp, kill, ended };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: all of them have ended by themselves.
  }
}

/** Hands everything on `delayMs` later, in order. */
function late(delayMs: number): Transform {
  let timer: NodeJS.Timeout | undefined;
  return new Transform({
    transform(chunk, _encoding, done) {
      timer = setTimeout(done, delayMs, null, chunk);
    },
    destroy(error, done) {
      clearTimeout(timer);
      done(error);
    },
  });
}
