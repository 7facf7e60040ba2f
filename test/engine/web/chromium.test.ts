/** What only a browser can say: that the policy lets the window work, and nothing else. */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWebServer, type WebServer } from '../../../main/web/server.ts';
import { createSample } from '../../support/contract/sample.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
if (executablePath === undefined) console.log('skipped: the browser face in Chromium (there is none here)');

const page = `<!doctype html><title>window</title>
<script>document.documentElement.dataset.inline = 'ran';</script>
<script type="module" src="/assets/app.js"></script>`;

const app = `
const given = document.querySelector('meta[name=vllm-tray-key]')?.content;
if (given) {
  sessionStorage.setItem('key', given);
  history.replaceState(null, '', '/');
}
const key = sessionStorage.getItem('key') ?? 'none';
const socket = new WebSocket(new URL('socket', location.href.replace('http', 'ws')), ['vllm-tray', key]);
socket.onopen = () => socket.send(JSON.stringify({ id: 1, name: 'snapshot.get' }));
socket.onmessage = ({ data }) => { document.documentElement.dataset.reply = data; };
socket.onerror = () => { document.documentElement.dataset.reply = 'refused'; };
try { new Function('') (); document.documentElement.dataset.eval = 'ran'; } catch {}
`;

describe.skipIf(executablePath === undefined)('the browser face in Chromium', () => {
  let folder: string;
  let server: WebServer;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-chromium-'));
    await mkdir(path.join(folder, 'assets'));
    await writeFile(path.join(folder, 'index.html'), page);
    await writeFile(path.join(folder, 'assets', 'app.js'), app);
    server = await startWebServer({ ...createSample(), rendererDir: folder, log: () => undefined });
    // Chromium's own sandbox refuses to start as root, as in a container.
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      chromiumSandbox: process.getuid?.() !== 0,
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  it('opens from the printed address, keeps no token in sight, and reaches its socket', async () => {
    const context = await browser.newContext();
    const tab = await context.newPage();
    await tab.goto(server.url);
    expect(tab.url()).toBe(`http://127.0.0.1:${server.port}/`);
    await tab.waitForFunction(() => document.documentElement.dataset.reply !== undefined);
    const marks = await tab.evaluate(() => ({ ...document.documentElement.dataset }));
    expect(JSON.parse(marks.reply ?? '')).toMatchObject({ id: 1, reply: { ok: true } });
    expect(marks.inline).toBeUndefined();
    expect(marks.eval).toBeUndefined();
    await tab.reload();
    await tab.waitForFunction(() => document.documentElement.dataset.reply !== undefined);
    await context.close();
  });
});
