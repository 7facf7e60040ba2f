/** What helps to find a cause: the log, and a report that can be handed to somebody else. Pure. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogLine {
  /** Ascending from 1 while the app runs. */
  readonly number: number;
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
}
