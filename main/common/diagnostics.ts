/** What helps to find a cause: the log, and what this copy of the app is. */

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogLine {
  /** Ascending from 1 while the app runs. */
  readonly number: number;
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
}

/** What this copy of the app is, and where its files lie. */
export interface About {
  readonly version: string;
  /** `Node.js 20.20.2`, and Electron's where it runs in it. */
  readonly runtime: string;
  /** `linux x64 6.8.0`. */
  readonly platform: string;
  /** Null where the settings are not kept. */
  readonly settingsFile: string | null;
  /** Where the history lies when it is kept; null where it never is. */
  readonly historyFile: string | null;
}
