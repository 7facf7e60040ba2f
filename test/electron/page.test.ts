/**
 * The built window in real Chromium under this face's own headers, with the built preload script on one side and ipc.ts on
 * the other: all of the desktop's window but Electron itself.
 */

import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { desktopFiles } from '../../main/electron/face.ts';
import { openDesktopEngine } from '../../main/electron/open-engine.ts';
import { chromiumMissing, launchBrowser } from '../support/browser/app.ts';
import { app, dialog, ipcRenderer, protocol, resetDouble } from './double.ts';
import { aStore, createRoot, demoOptions, startFace, theTray } from './face.ts';

vi.mock('electron', () => import('./double.ts'));

const checkout = path.join(import.meta.dirname, '..', '..');
const pushes = 'vllm-tray:push';
if (chromiumMissing !== null) console.log(`skipped: ${chromiumMissing}`);

describe.skipIf(chromiumMissing !== null)('the window of the desktop face', () => {
  let folder: Awaited<ReturnType<typeof createRoot>>;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    const built = spawnSync(process.execPath, [path.join(checkout, 'build', 'build.mjs'), '--stale'], {
      encoding: 'utf8',
    });
    expect(built.stderr).toBe('');
    resetDouble();
    folder = await createRoot();
    await startFace({
      root: folder.root,
      files: { ...desktopFiles(checkout), trayIconsDir: folder.root },
      openEngine: () => openDesktopEngine(demoOptions, aStore, { log: () => undefined, secrets: null }),
    });
    browser = await launchBrowser();
    page = await openWindow(browser, complaints);
  });
  afterAll(async () => {
    ipcRenderer.removeAllListeners(pushes);
    await browser?.close();
    // A forward is still open, and the app asks.
    dialog.answer = async () => ({ response: 0, checkboxChecked: false });
    app.quit();
    await vi.waitFor(() => expect(app.ended).toBe(0));
    await folder.remove();
  });

  it('shows what the engine knows, and goes on as it learns more', async () => {
    await page.getByText('Demo cluster').first().waitFor();
    await page
      .getByText(/[1-9]\d* idle of \d+ GPUs/)
      .first()
      .waitFor();
  });

  it('forwards a model on a click; the tray knows', async () => {
    await page.getByRole('link', { name: /^Models/ }).click();
    await page
      .getByRole('button', { name: /^Forward/ })
      .first()
      .click();
    await vi.waitFor(() => expect(theTray().toolTip).toMatch(/ · 1 forward$/));
  });

  it('saves the settings as a file, and has the switches of the desktop', async () => {
    await page.evaluate("location.hash = '#settings/backup'");
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export' }).click(),
    ]);
    expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toMatchObject({ closeToTray: true });
    await page.evaluate("location.hash = '#settings/desktop'");
    const closeToTray = page.getByRole('switch', { name: /^Closing the window/ });
    await closeToTray.click();
    await vi.waitFor(async () => expect(await closeToTray.isChecked()).toBe(false));
  });

  it('has nothing to complain about its own policy', () => {
    expect(complaints).toEqual([]);
  });
});

/** A page whose requests the app's scheme answers and whose preload script is the built one. */
async function openWindow(browser: Browser, complaints: string[]): Promise<Page> {
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.route('**/*', (route) => serve(route));
  await page.exposeFunction('invokeIpc', (channel: string, ...args: unknown[]) =>
    ipcRenderer.invoke(channel, ...args),
  );
  const preload = await readFile(path.join(checkout, 'dist', 'preload', 'preload.cjs'), 'utf8');
  await page.addInitScript({ content: `(() => { ${electronInPage}; ${preload}\n})();` });
  await page.goto('https://vllm-tray.test/index.html');
  ipcRenderer.on(pushes, (_event: unknown, ...args: unknown[]) => {
    page
      .evaluate((sent) => window.dispatchEvent(new CustomEvent('ipc', { detail: sent })), args)
      .catch(() => {
        // The page was closed with this push on its way.
      });
  });
  return page;
}

/** What the sandbox lets a preload script require. Chromium cannot be made to load a page from a scheme of ours. */
const electronInPage = `
  const module = { exports: {} };
  const listeners = new Map();
  const electron = {
    contextBridge: { exposeInMainWorld: (name, api) => { window[name] = api; } },
    ipcRenderer: {
      invoke: (...args) => window.invokeIpc(...args),
      on(channel, listener) {
        const receive = ({ detail }) => listener({}, ...detail);
        listeners.set(listener, receive);
        window.addEventListener('ipc', receive);
      },
      off(channel, listener) { window.removeEventListener('ipc', listeners.get(listener)); },
    },
  };
  const require = (name) => { if (name === 'electron') return electron; throw new Error(name); };
`;

async function serve(route: Route): Promise<void> {
  const { pathname } = new URL(route.request().url());
  const response = await protocol.handlers.get('app')?.(new Request(`app://vllm-tray${pathname}`));
  if (response === undefined) return route.abort();
  const body = Buffer.from(await response.arrayBuffer());
  await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body });
}
