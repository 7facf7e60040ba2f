import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createShutdown, type Shutdown } from '../../main/electron/shutdown.ts';
import { app, powerMonitor, resetDouble } from './double.ts';
import { PreventableEvent } from './double-window.ts';

vi.mock('electron', () => import('./double.ts'));

let closed: string[];
let log: string[];
let shutdown: Shutdown;

beforeEach(() => {
  vi.useFakeTimers();
  resetDouble();
  closed = [];
  log = [];
  start('linux');
});

function start(platform: NodeJS.Platform): void {
  resetDouble();
  shutdown = createShutdown({
    app: app as never,
    powerMonitor: powerMonitor as never,
    platform,
    log: (level, message) => void log.push(`${level}: ${message}`),
    timeoutMs: 3000,
  });
}
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const ended = () => vi.waitFor(() => expect(app.ended).toBe(0));

it('closes the latest first, one after the other, and then ends the app', async () => {
  shutdown.defer(() => void closed.push('source'));
  shutdown.defer(async () => {
    await vi.advanceTimersByTimeAsync(100);
    closed.push('engine');
  });
  shutdown.defer(() => void closed.push('tray'));
  expect(shutdown.begun()).toBe(false);
  app.quit();
  expect(shutdown.begun()).toBe(true);
  expect(app.ended).toBeNull();
  await ended();
  expect(closed).toEqual(['tray', 'engine', 'source']);
  expect(log).toEqual([]);
});

it('closes once, however often it is asked to quit', async () => {
  shutdown.defer(() => void closed.push('engine'));
  app.quit();
  app.quit();
  await ended();
  app.quit();
  expect(closed).toEqual(['engine']);
});

it('goes on after something that fails to close', async () => {
  shutdown.defer(() => void closed.push('source'));
  shutdown.defer(async () => {
    throw new Error('stuck socket');
  });
  app.quit();
  await ended();
  expect(closed).toEqual(['source']);
  expect(log).toEqual(['error: something did not close cleanly: Error: stuck socket']);
});

it('does not wait longer than its time', async () => {
  shutdown.defer(() => new Promise(() => undefined));
  app.quit();
  await vi.advanceTimersByTimeAsync(2999);
  expect(app.ended).toBeNull();
  await vi.advanceTimersByTimeAsync(1);
  expect(app.ended).toBe(0);
  expect(log).toEqual(['warn: not everything was closed within 3000 ms']);
});

it('closes at once what comes after the end', async () => {
  app.quit();
  await ended();
  shutdown.defer(() => void closed.push('late'));
  expect(closed).toEqual(['late']);
});

describe('a computer that shuts down', () => {
  const slowToClose = () =>
    shutdown.defer(async () => {
      await vi.advanceTimersByTimeAsync(100);
      closed.push('engine');
    });

  it('is asked on Linux to wait until everything is closed, which lets go of the lock of logind', async () => {
    slowToClose();
    const event = new PreventableEvent();
    powerMonitor.emit('shutdown', event);
    expect([event.defaultPrevented, shutdown.begun()]).toEqual([true, true]);
    // The session's own way to end programs comes meanwhile.
    app.quit();
    expect([app.ended, closed]).toEqual([null, []]);
    await ended();
    expect(closed).toEqual(['engine']);
  });

  it('is not held back on macOS, where that would cancel the log-out', () => {
    start('darwin');
    slowToClose();
    powerMonitor.emit('shutdown', new PreventableEvent());
    app.quit();
    expect(app.ended).toBe(0);
    return vi.waitFor(() => expect(closed).toEqual(['engine']));
  });

  it('does not leave the app behind, closed but running, when another app cancels the log-out', async () => {
    start('darwin');
    slowToClose();
    powerMonitor.emit('shutdown', new PreventableEvent());
    expect(app.ended).toBeNull();
    await ended();
    expect(closed).toEqual(['engine']);
  });

  it('is not waited for longer than the limit', async () => {
    start('darwin');
    shutdown.defer(() => new Promise(() => undefined));
    powerMonitor.emit('shutdown');
    await vi.advanceTimersByTimeAsync(3000);
    expect(app.ended).toBe(0);
  });
});

describe('the question before', () => {
  let answer: (yes: boolean) => void;
  let asked: number;
  beforeEach(() => {
    asked = 0;
    shutdown.defer(() => void closed.push('engine'));
    shutdown.askFirst(() => {
      asked += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
  });

  it('is asked once, and closes nothing before it is answered', async () => {
    app.quit();
    app.quit();
    expect([asked, shutdown.begun(), closed]).toEqual([1, false, []]);
    answer(true);
    await ended();
    expect(closed).toEqual(['engine']);
  });

  it('leaves everything running after a no, and comes again with the next quit', async () => {
    app.quit();
    answer(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([app.ended, shutdown.begun(), closed]).toEqual([null, false, []]);
    app.quit();
    expect(asked).toBe(2);
    answer(true);
    await ended();
  });

  it('is not asked where nobody could answer', async () => {
    shutdown.quit();
    await ended();
    expect(asked).toBe(0);
  });

  it('is over when the system ends the app meanwhile', async () => {
    app.quit();
    shutdown.quit();
    await ended();
    answer(false);
    expect([asked, closed, shutdown.begun()]).toEqual([1, ['engine'], true]);
  });

  it('does not keep an app running that cannot ask it', async () => {
    shutdown.askFirst(() => Promise.reject(new Error('no display')));
    app.quit();
    await ended();
    expect(log).toEqual(['error: the question before quitting could not be asked: Error: no display']);
  });

  it('is over when the computer shuts down meanwhile', async () => {
    app.quit();
    powerMonitor.emit('shutdown', new PreventableEvent());
    await ended();
    expect(closed).toEqual(['engine']);
    answer(false);
  });
});
