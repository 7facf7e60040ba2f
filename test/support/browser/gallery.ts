/** The gallery as a built page, and pictures of its states that are the same each time. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { addressOf, type Look } from '../../gallery/look.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const origin = 'http://gallery.localhost';
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface Gallery {
  /** Opens a state, and resolves when it is shown. The caller closes the page's context. */
  open(browser: Browser, name: string, look: Look): Promise<OpenState>;
  /** Removes what was built. */
  dispose(): void;
}

export interface OpenState {
  readonly page: Page;
  /** What the page complained about. */
  readonly complaints: readonly string[];
}

/** Builds the gallery into a folder of its own. Throws what the build prints. */
export function buildGallery(): Gallery {
  const folder = mkdtempSync(path.join(tmpdir(), 'vllm-tray-gallery-'));
  const config = ['--config', path.join(root, 'build/vite.config.ts'), '--logLevel', 'error'];
  const vite = path.join(root, 'node_modules/vite/bin/vite.js');
  execFileSync(process.execPath, [
    vite,
    'build',
    path.join(root, 'test/gallery'),
    ...config,
    '--outDir',
    folder,
  ]);
  return {
    open: (browser, name, look) => openState(browser, folder, addressOf(name, look)),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function openState(browser: Browser, folder: string, address: string): Promise<OpenState> {
  const context = await browser.newContext({
    viewport: { width: 900, height: 560 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  // Ages and times are shown everywhere: the page's clock stands.
  await page.clock.setFixedTime('2026-11-30T10:00:00Z');
  await page.route(`${origin}/**`, (route) => {
    const { pathname } = new URL(route.request().url());
    const file = path.join(folder, pathname === '/' ? 'index.html' : path.normalize(pathname));
    return route.fulfill({
      body: readFileSync(file),
      contentType: types[path.extname(file)] ?? 'text/plain',
    });
  });
  await page.goto(`${origin}/${address}`);
  await page.locator('html[data-gallery="shown"]').waitFor();
  return { page, complaints };
}

/** A picture of the page once it rests: when two in a row are the same. */
export async function pictureOf(page: Page): Promise<Buffer> {
  const take = () => page.screenshot({ animations: 'disabled', caret: 'hide' });
  let before = await take();
  for (;;) {
    const next = await take();
    if (next.equals(before)) return next;
    before = next;
  }
}
