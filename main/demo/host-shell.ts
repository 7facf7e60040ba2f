/**
 * Runs what a client asks for: in a real `/bin/sh`, as sshd does without a terminal; or, on a computer that has none, within
 * this process, where the app's probe alone is answered.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { Transform } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import { createAlarm } from '#common/timer.ts';
import { answerProbe, noShell, type ProbePart, type ProbeRequest } from './probe-session.ts';

export interface ShellRequest {
  /** Null: the login shell, which reads its commands from stdin. */
  readonly command: string | null;
  /** How much later each piece of input arrives. */
  readonly delayMs: number;
}

export interface ShellPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface Shell {
  /** Closes its input and outputs, as sshd does; what has not ended after two seconds is killed. */
  hangUp(): void;
  /** Ends it at once, with everything it started. Safe to call twice. */
  kill(): void;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

/** Starts what was asked for and joins it to the channel: input, output, end of file both ways, and exit status. */
export type RunShell = (channel: ServerChannel, request: ShellRequest) => Shell;

const hangUpGraceMs = 2000;

/** Runs each command in `/bin/sh`, at this place. */
export const shellAt =
  (place: ShellPlace): RunShell =>
  (channel, request) =>
    runShell(channel, request, place);

function runShell(channel: ServerChannel, options: ShellRequest, { env, cwd }: ShellPlace): Shell {
  const child = spawn('/bin/sh', options.command === null ? [] : ['-c', options.command], {
    cwd,
    env,
    // A process group of its own, to be ended as a whole.
    detached: true,
    stdio: 'pipe',
  });
  if (child.stdio === undefined) return unstarted(child, channel);
  const input = options.delayMs === 0 ? channel : channel.pipe(late(options.delayMs));
  let running = true;
  const patience = createAlarm();
  const kill = () => {
    if (running && child.pid !== undefined) killGroup(child.pid);
  };
  const hangUp = () => {
    if (!running || patience.isSet()) return;
    if (input !== channel) input.destroy();
    for (const pipe of child.stdio) pipe?.destroy();
    patience.after(hangUpGraceMs, kill);
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
      patience.cancel();
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

/** As the app's probe asks for its shell (main/engine/probe/script.ts). */
const probeCommand = 'exec /bin/sh';

/** Starts nothing: the app's probe gets what `answer` gives for its requests, and every other command exit code 127. */
export const withoutShell =
  (answer: (request: ProbeRequest) => readonly ProbePart[]): RunShell =>
  (channel, { command, delayMs }) => {
    const input = delayMs === 0 ? channel : channel.pipe(late(delayMs));
    const finish = (code: number): void => {
      if (input !== channel) input.destroy();
      channel.exit(code);
      channel.end();
    };
    let kill = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      channel.once('close', resolve);
      kill = () => {
        if (input !== channel) input.destroy();
        channel.close();
        resolve();
      };
    });
    if (command === probeCommand) {
      answerProbe(channel, input, answer);
      input.once('end', () => finish(0));
    } else {
      channel.resume();
      channel.stderr.write(noShell);
      finish(127);
    }
    return { hangUp: kill, kill, ended };
  };

/** Node gives a child without pipes where this process may open no more files. */
function unstarted(child: ChildProcess, channel: ServerChannel): Shell {
  child.on('error', () => undefined);
  channel.exit(127);
  channel.end();
  return { hangUp: () => undefined, kill: () => undefined, ended: Promise.resolve() };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: all of them have ended on their own.
  }
}

/** Hands everything on `delayMs` later, in order. */
function late(delayMs: number): Transform {
  const alarm = createAlarm();
  return new Transform({
    transform(chunk, _encoding, done) {
      alarm.after(delayMs, () => done(null, chunk));
    },
    destroy(error, done) {
      alarm.cancel();
      done(error);
    },
  });
}
