import type { App, PowerMonitor } from 'electron';
import { createAlarm } from '#common/timer.ts';
import type { Log } from '#engine/diagnostics/log.ts';

export interface ShutdownDeps {
  readonly app: Pick<App, 'on' | 'quit'>;
  readonly powerMonitor: Pick<PowerMonitor, 'on'>;
  readonly platform: NodeJS.Platform;
  readonly log: Log;
  /** How long quitting waits for everything to be closed. */
  readonly timeoutMs: number;
}

export interface Shutdown {
  /** Whether the app is on its way out: windows then close instead of hiding. */
  begun(): boolean;
  /** Asks this before the app quits; it goes on running where the answer is no. */
  askFirst(mayQuit: () => boolean | Promise<boolean>): void;
  /** Quits without asking: a signal waits for no answer. */
  quit(): void;
  /** Closes everything and quits, without holding back a computer that shuts down or logs the person off. */
  endSession(): void;
  /** Something to close before the app ends; the latest is closed first, and at once what comes too late. */
  defer(close: () => void | Promise<void>): void;
}

/**
 * Holds the app's end back until everything deferred is closed, each after the one before it, for `timeoutMs` at most.
 * However often quitting is asked for, it happens once, and so does the question before it.
 */
export function createShutdown({ app, powerMonitor, platform, log, timeoutMs }: ShutdownDeps): Shutdown {
  const closers: (() => void | Promise<void>)[] = [];
  let state: 'running' | 'asking' | 'closing' | 'leaving' | 'closed' = 'running';
  let mayQuit: () => boolean | Promise<boolean> = () => true;

  const begun = (): boolean => state !== 'running' && state !== 'asking';

  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
      try {
        await close();
      } catch (error) {
        log('error', `something did not close cleanly: ${String(error)}`);
      }
    }
  };

  /** `leaving`: the app may be ended by the system meanwhile. */
  const close = (as: 'closing' | 'leaving' = 'closing'): void => {
    state = as;
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
        log('error', `the question before quitting could not be asked: ${String(error)}`);
        return true;
      })
      .then((yes) => {
        if (state !== 'asking') return;
        if (yes) close();
        else state = 'running';
      });
  };

  app.on('before-quit', (event) => {
    if (state === 'closed' || state === 'leaving') return;
    event.preventDefault();
    if (state === 'running') ask();
  });
  const endSession = (): void => {
    if (state === 'running' || state === 'asking') close('leaving');
  };
  // The types leave out the event that Electron's documentation names.
  powerMonitor.on('shutdown', (...given: unknown[]) => {
    const [event] = given as [{ preventDefault?(): void }?];
    event?.preventDefault?.();
    // Linux waits for as long as the app holds logind's lock, so its quit is held back like any other. On macOS that would
    // cancel the log-out; and where another app cancels it, this one must not stay behind closed but running.
    if (platform !== 'linux') endSession();
    else if (!begun()) close();
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
    endSession,
    defer(close) {
      closers.push(close);
      if (state === 'closed') void closeAll();
    },
  };
}

async function withinTime(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  const alarm = createAlarm();
  const late = new Promise<boolean>((resolve) => alarm.after(timeoutMs, () => resolve(false)));
  return await Promise.race([work.then(() => true), late]).finally(alarm.cancel);
}
