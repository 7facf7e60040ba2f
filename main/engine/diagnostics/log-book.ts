import type { LogLine } from '#common/diagnostics.ts';
import { plainText } from '#common/text.ts';
import type { Log } from './log.ts';

/** The latest lines of the log, for people who look for a cause. */
export interface LogBook {
  /** Notes the line, and hands it on. */
  readonly log: Log;
  /** The lines after the one of that number, oldest first. */
  read(after: number): readonly LogLine[];
}

const mostLines = 2000;

export function createLogBook(next: Log, now: () => number = Date.now): LogBook {
  let lines: LogLine[] = [];
  let number = 0;
  return {
    log(level, message) {
      number += 1;
      lines.push({ number, at: now(), level, message: plainText(message, 500) });
      // Cut now and then, not with every line.
      if (lines.length >= mostLines * 1.5) lines = lines.slice(-mostLines);
      next(level, message);
    },
    read: (after) => lines.filter((line) => line.number > after).slice(-mostLines),
  };
}
