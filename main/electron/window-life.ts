/** What becomes of the window's page: when the window may first be seen, and what brings a dead page back. */

import type { BrowserWindow } from 'electron';
import { after, createAlarm } from '#common/timer.ts';
import type { Log } from '#engine/diagnostics/log.ts';

/** A window whose page says nothing for this long is shown as it is. */
const firstPaintMs = 2000;
/** A page that answers nothing for this long is ended and loaded again. */
const unresponsiveMs = 15_000;

/**
 * Runs `show` once, as soon as the page has something to show: the first of painted, loaded, failed to load, and 2 s. On
 * Wayland a hidden window is never painted, so `ready-to-show` alone would never come. Does nothing once the window was
 * closed, or shown or hidden by something else.
 */
export function showWhenReady(window: BrowserWindow, show: () => void): void {
  const once = (): void => {
    if (settle()) show();
  };
  let settled = false;
  const settle = (): boolean => {
    if (settled) return false;
    settled = true;
    timer.cancel();
    return true;
  };
  const timer = after(firstPaintMs, once);
  window.once('ready-to-show', once);
  window.webContents.once('did-finish-load', once);
  window.webContents.once('did-fail-load', once);
  for (const end of ['show', 'hide', 'closed'] as const) window.once(end as 'closed', settle);
}

/** The page of the window: being loaded, there, or dead and not loaded again yet. */
type PageState = 'loading' | 'loaded' | 'dead';

export interface Page {
  /** Runs `work` now where the page is there, otherwise when it has loaded; only the latest such work is kept. */
  whenLoaded(work: () => void): void;
  /** Loads the page again where it is dead. */
  revive(): void;
}

/**
 * Keeps the window's page alive: one that died after it had loaded is loaded again at once, one that died while loading
 * only when `revive` is called, for it would die again and again; one that hangs is ended first.
 */
export function keepPage(window: BrowserWindow, log: Log): Page {
  const { webContents } = window;
  let state: PageState = 'loading';
  let waiting: (() => void) | null = null;
  const hanging = createAlarm();
  const reload = (): void => {
    state = 'loading';
    webContents.reload();
  };
  webContents.on('did-finish-load', () => {
    state = 'loaded';
    const work = waiting;
    waiting = null;
    work?.();
  });
  webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) state = 'loading';
  });
  webContents.on('render-process-gone', (_event, { reason }) => {
    hanging.cancel();
    if (reason === 'clean-exit') return;
    log('error', `the window's process ended: ${reason}`);
    if (state === 'loaded') reload();
    else state = 'dead';
  });
  window.on('unresponsive', () => {
    log('warn', "the window's page does not respond");
    hanging.after(unresponsiveMs, () => webContents.forcefullyCrashRenderer());
  });
  window.on('responsive', hanging.cancel);
  window.on('closed', hanging.cancel);
  return {
    whenLoaded(work) {
      if (state === 'loaded') work();
      else waiting = work;
    },
    revive() {
      if (state === 'dead') reload();
    },
  };
}
