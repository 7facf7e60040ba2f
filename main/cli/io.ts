import type { Settings } from '#common/settings.ts';
import type { SettingsReading } from '#common/settings-reading.ts';
import type { Log } from '#engine/diagnostics/log.ts';

/** Where a command writes: what is used of `process.stdout`. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Of the terminal, in cells; absent where there is none. */
  readonly columns?: number;
  readonly rows?: number;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** Keys pressed: what is used of `process.stdin`. */
export interface Keyboard {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  on(event: 'data', listener: (keys: Buffer) => void): unknown;
  off(event: 'data', listener: (keys: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface StoredSettings extends SettingsReading {
  /** Their folder, where the local ports of forwards are remembered too, together with the other faces; null: nowhere. */
  readonly folder: string | null;
  /** Calls back with them whenever they were changed, until the returned function is called; absent: they do not change. */
  readonly follow?: (onChange: (settings: Settings) => void) => () => void;
}

/** The world of one run of the command line. Results go to `out`, everything else to `err`. */
export interface Io {
  readonly out: Output;
  readonly err: Output;
  readonly keyboard: Keyboard;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly storedSettings: () => StoredSettings;
  /** Aborted by the first Ctrl-C, SIGTERM or hang-up. */
  readonly interrupted: AbortSignal;
}

/** What the process ends with. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  badUsage: 2,
  /** No host answered. */
  noAnswer: 3,
  /** What was waited for did not come in time; it may still. */
  timedOut: 4,
  /** Interrupted before there was a result; what shells use for Ctrl-C. */
  interrupted: 130,
} as const;

/** Colours are for people at a terminal who did not say no (https://no-color.org). */
export function wantsColour(output: Output, env: NodeJS.ProcessEnv): boolean {
  return output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** One object on one line. What cannot be seen is escaped: a program reads the same, and a terminal obeys none of it. */
export function printJson(output: Output, value: unknown): void {
  const text = JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (unseen) =>
    unseen.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
  output.write(`${text}\n`);
}

export function printLines(output: Output, lines: readonly string[]): void {
  if (lines.length > 0) output.write(`${lines.join('\n')}\n`);
}

/** The log goes to stderr: all of it with --debug, errors otherwise. */
export function stderrLog(io: Pick<Io, 'err'>, debug: boolean): Log {
  return (level, message) => {
    if (debug || level === 'error') io.err.write(`${level}: ${message}\n`);
  };
}

/** Resolves when the run is interrupted. */
export function interruption({ interrupted }: Pick<Io, 'interrupted'>): Promise<void> {
  return new Promise((resolve) => {
    if (interrupted.aborted) resolve();
    else interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Waits for the work, but not after an interruption: false then, and how the work ends makes no difference any more. */
export async function endsBefore(work: unknown, io: Pick<Io, 'interrupted'>): Promise<boolean> {
  await Promise.race([work, interruption(io)]);
  return !io.interrupted.aborted;
}
