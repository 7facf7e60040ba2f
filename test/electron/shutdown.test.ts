import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createShutdown, type Shutdown } from '../../main/electron/shutdown.ts';
import { app, powerMonitor, resetDouble } from './double.ts';

vi.mock('electron', () => import('./double.ts'));

let closed: string[];
let log: string[];
let shutdown: Shutdown;

beforeEach(() => {
  vi.useFakeTimers();
  resetDouble();
  closed = [];
  log = [];
  shutdown = createShutdown({
    app: app as never,
    powerMonitor: powerMonitor as never,
    log: (level, message) => void log.push(`${level}: ${message}`),
    timeoutMs: 3000,
  });
});
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

it('does not hold back a computer that shuts down', async () => {
  shutdown.defer(() => void closed.push('engine'));
  powerMonitor.emit('shutdown');
  app.quit();
  expect(app.ended).toBe(0);
  expect(closed).toEqual(['engine']);
});
