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
  /** Something to close before the app ends; the latest is closed first, and at once what comes too late. */
  defer(close: () => void | Promise<void>): void;
}

/**
 * Holds the app's end back until everything deferred is closed, each after the one before it, for `timeoutMs` at most.
 * However often quitting is asked for, it happens once.
 */
export function createShutdown({ app, powerMonitor, log, timeoutMs }: ShutdownDeps): Shutdown {
  const closers: (() => void | Promise<void>)[] = [];
  let state: 'running' | 'closing' | 'closed' = 'running';

  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
      try {
        await close();
      } catch (error) {
        log('error', `something did not close cleanly: ${String(error)}`);
      }
    }
  };

  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'closing') return;
    state = 'closing';
    void withinTime(closeAll(), timeoutMs).then((inTime) => {
      if (!inTime) log('warn', `not everything was closed within ${timeoutMs} ms`);
      state = 'closed';
      app.quit();
    });
  });
  // Holding back the quit of a computer that shuts down or logs out would cancel that on macOS.
  powerMonitor.on('shutdown', () => {
    if (state === 'running') void closeAll();
    state = 'closed';
  });

  return {
    begun: () => state !== 'running',
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
