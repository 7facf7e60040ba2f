import type { Log } from '#engine/log.ts';

/** Writes warnings and errors to the terminal that the app was started from, if there is one. */
export function createLog(out: { write(text: string): unknown }): Log {
  return (level, message) => {
    if (level === 'warn' || level === 'error') out.write(`vllm-tray: ${level}: ${message}\n`);
  };
}
