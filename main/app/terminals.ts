import { isatty } from 'node:tty';

/** The terminals at which the process was started. */
export interface Terminals {
  /**
   * To be called when all is done. Where one has gone meanwhile it ends the process by SIGHUP, as any program without a handler:
   * Node would abort, and leave a core dump, at its own end, where it resets each terminal (`ResetStdio` of node.cc).
   */
  end(): void;
}

export function openTerminals(): Terminals {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  return {
    end() {
      if (terminals.every((fd) => isatty(fd))) return;
      process.removeAllListeners('SIGHUP');
      process.kill(process.pid, 'SIGHUP');
    },
  };
}
