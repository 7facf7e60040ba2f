import type { App, PowerMonitor } from 'electron';
import type { Log } from '#engine/log.ts';

export interface ShutdownDeps {
  readonly app: Pick<App, 'on' | 'quit'>;
  readonly powerMonitor: Pick<PowerMonitor, 'on'>;
  readonly log: Log;
  /** How long quitting waits for everything to be closed. */
  readonly timeoutMs: number;
}

export interface Shutdown {
  /** Whether the app is on its way out: windows then close instead of hiding. */
  begun(): boolean;
  /** Asks this before the app quits; it goes on running where the answer is no. */
  askFirst(mayQuit: () => boolean | Promise<boolean>): void;
  /** Quits without asking: nobody is there to answer a signal. */
  quit(): void;
  /** Something to close before the app ends; the latest is closed first, and at once what comes too late. */
  defer(close: () => void | Promise<void>): void;
}

/**
 * Holds the app's end back until everything deferred is closed, each after the one before it, for `timeoutMs` at most.
 * However often quitting is asked for, it happens once, and so does the question before it.
 */
export function createShutdown({ app, powerMonitor, log, timeoutMs }: ShutdownDeps): Shutdown {
  const closers: (() => void | Promise<void>)[] = [];
  let state: 'running' | 'asking' | 'closing' | 'closed' = 'running';
  let mayQuit: () => boolean | Promise<boolean> = () => true;

  const begun = (): boolean => state === 'closing' || state === 'closed';

  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
      try {
        await close();
      } catch (error) {
        log('error', `something did not close cleanly: ${String(error)}`);
      }
    }
  };

  const close = (): void => {
    state = 'closing';
    void withinTime(closeAll(), timeoutMs).then((inTime) => {
      if (!inTime) log('warn', `not everything was closed within ${timeoutMs} ms`);
      state = 'closed';
      app.quit();
    });
  };

  const ask = (): void => {
    const answer = mayQuit();
    if (answer === true) {
      close();
      return;
    }
    state = 'asking';
    void Promise.resolve(answer)
      .catch((error: unknown) => {
        log('error', `nobody could be asked before quitting: ${String(error)}`);
        return true;
      })
      .then((yes) => {
        if (state !== 'asking') return;
        if (yes) close();
        else state = 'running';
      });
  };

  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'running') ask();
  });
  // Holding back the quit of a computer that shuts down or logs out would cancel that on macOS.
  powerMonitor.on('shutdown', () => {
    if (!begun()) void closeAll();
    state = 'closed';
  });

  return {
    begun,
    askFirst(question) {
      mayQuit = question;
    },
    quit() {
      mayQuit = () => true;
      if (state === 'asking') close();
      else app.quit();
    },
    defer(close) {
      closers.push(close);
      if (state === 'closed') void closeAll();
    },
  };
}

async function withinTime(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
