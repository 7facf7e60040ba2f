export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Takes one line of log. Never pass it secrets: no passphrase, token, key or environment. */
export type Log = (level: LogLevel, message: string) => void;
