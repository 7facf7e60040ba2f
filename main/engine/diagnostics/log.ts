import type { LogLevel } from '#common/diagnostics.ts';

/** Takes one line of log. Never pass it secrets: no passphrase, token, key or environment. */
export type Log = (level: LogLevel, message: string) => void;
