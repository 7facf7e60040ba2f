import type { Log } from '#engine/diagnostics/log.ts';

/** Writes warnings and errors to the terminal that the app was started from, if there is one; all else only with `--debug`. */
export function createLog(out: { write(text: string): unknown }, isDebug: () => boolean): Log {
  return (level, message) => {
    if (isDebug() || level === 'warn' || level === 'error') out.write(`vllm-tray: ${level}: ${message}\n`);
  };
}
