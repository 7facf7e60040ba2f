/** The gallery as a built page, and pictures of its states that are the same each time. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { addressOf, type Look } from '../../gallery/look.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const viewport = { width: 900, height: 560 };

export interface Gallery {
  /** Shows a state instead of the one before, in the same page: a fresh one would compile everything again. */
  open(name: string, look: Look): Promise<OpenState>;
  /** Ends the page and removes what was built. */
  dispose(): Promise<void>;
}

export interface OpenState {
  readonly page: Page;
  /** What the page complained about in this state. */
  readonly complaints: readonly string[];
}

/** Builds the gallery into a folder of its own, and opens a page for it. Throws what the build prints. */
export async function openGallery(browser: Browser): Promise<Gallery> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vllm-tray-gallery-'));
  const config = ['--config', path.join(root, 'build/vite.config.ts'), '--logLevel', 'error'];
  const vite = path.join(root, 'node_modules/vite/bin/vite.js');
  const build = [vite, 'build', path.join(root, 'test/gallery'), ...config, '--outDir', folder];
  execFileSync(process.execPath, build);
  const server = createServer((request, response) => serve(folder, request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context = await browser.newContext({
    viewport,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  // Ages and times are shown everywhere: the page's clock stands.
  await page.clock.setFixedTime('2026-11-30T10:00:00Z');
  // Each state begins as in a browser that has never been here.
  await page.addInitScript(
    "if (location.protocol === 'http:') for (const kept of [localStorage, sessionStorage]) kept.clear();",
  );
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return {
    async open(name, look) {
      await page.goto('about:blank');
      complaints.length = 0;
      await page.setViewportSize(viewport);
      await page.goto(`${origin}/${addressOf(name, look)}`);
      await page.locator('html[data-gallery="shown"]').waitFor();
      return { page, complaints };
    },
    async dispose() {
      await context.close();
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The files have their contents in their names: a browser may keep them. */
function serve(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  // Browsers ask for it unasked; what else is not there is the page's fault.
  if (pathname === '/favicon.ico') return void response.writeHead(204).end();
  const file = path.join(folder, pathname === '/' ? 'index.html' : path.normalize(pathname));
  if (!existsSync(file)) return void response.writeHead(404).end();
  const type = types[path.extname(file)] ?? 'text/plain';
  response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'max-age=3600' });
  response.end(readFileSync(file));
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
