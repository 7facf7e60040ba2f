/** A page that a forwarded server of a host serves, in the browser that also has the app open: what it gets, and what it can do. */

import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket as ProgramSocket } from 'ws';
import { defaultSettings } from '#common/settings.ts';
import { serveOnLoopback, type WebServer } from '../../../main/demo/model-server.ts';
import { type BrowserFace, startBrowserFace } from '../../../main/web/face.ts';
import { chromiumMissing, launchBrowser } from '../../support/browser/app.ts';
import { describeInBrowser } from '../../support/browser/hooks.ts';
import { type Sshd, sshdAvailable, startSshd } from '../../support/ssh/sshd.ts';

const sshd = sshdAvailable();
const runs = sshd && chromiumMissing === null;

interface Loot {
  readonly cookie: string;
  readonly stored: readonly string[];
  readonly heard: readonly unknown[];
  readonly reached: readonly string[];
}

/** Runs in the hostile page: everything that a script can try against the app's origin. Returns what it got. */
async function attack(port: number): Promise<Loot> {
  const reached: string[] = [];
  const heard: unknown[] = [];
  const all = new BroadcastChannel('vllm-tray-key');
  const echo = new BroadcastChannel('vllm-tray-key');
  const echoed = new Promise((resolve) => {
    echo.onmessage = resolve;
  });
  all.onmessage = ({ data }) => heard.push(data);
  all.postMessage(null);
  await echoed;
  for (const name of ['localhost', '127.0.0.1']) {
    const origin = `http://${name}:${port}`;
    for (const protocols of [[], ['vllm-tray'], ['vllm-tray', 'x']]) {
      const outcome = await new Promise((resolve) => {
        const socket = new WebSocket(`ws://${name}:${port}/socket`, protocols);
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('refused');
      });
      if (outcome === 'open') reached.push(`socket of ${origin} with ${protocols}`);
    }
    for (const mode of ['cors', 'no-cors'] as const) {
      const answer = await fetch(`${origin}/`, { mode, credentials: 'include' }).catch(() => null);
      if (answer !== null) reached.push(`${mode} answer of ${origin}`);
    }
    const frame = document.createElement('iframe');
    const loaded = new Promise((resolve) => {
      frame.onload = resolve;
    });
    frame.src = `${origin}/`;
    document.body.append(frame);
    await loaded;
    const inside = ((): string | null => {
      try {
        return frame.contentDocument?.querySelector('meta[name=vllm-tray-key]')?.outerHTML ?? null;
      } catch {
        return null;
      }
    })();
    if (inside !== null) reached.push(`frame of ${origin}`);
  }
  return {
    cookie: document.cookie,
    stored: [...Object.keys(sessionStorage), ...Object.keys(localStorage)],
    heard,
    reached,
  };
}

describeInBrowser('a page of a forwarded server', () => {
  let host: Sshd;
  let hostile: WebServer;
  let folder: string;
  let face: BrowserFace;
  let browser: Browser;
  const asked: IncomingMessage[] = [];

  beforeAll(async () => {
    if (!runs) return;
    folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-hostile-'));
    host = await startSshd();
    hostile = await serveOnLoopback((request, response) => {
      asked.push(request);
      response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'theirs=1; Path=/' });
      response.end('<!doctype html><title>docs</title><body>');
    });
    face = await startBrowserFace(
      { sshConfig: await host.configPath(folder), port: 0 },
      {
        settings: { ...defaultSettings, welcomed: true, language: 'en' },
        home: folder,
        env: { PATH: process.env.PATH },
        rendererDir: path.resolve(import.meta.dirname, '../../../dist/renderer'),
        log: () => undefined,
        onQuit: () => undefined,
      },
    );
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await face?.stop();
    await hostile?.close();
    await host?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  /** Opens the forward in the app's own window, as a person does; returns its local port. */
  const forwardFrom = async (page: Page): Promise<number> => {
    await page.getByRole('navigation').getByRole('link', { name: 'Forwards' }).click();
    const form = page.getByRole('form', { name: 'Open a forward' });
    await form.getByLabel('Host').selectOption('lab');
    await form.getByLabel('Remote port').fill(String(hostile.port));
    await form.getByLabel('Remote port').press('Enter');
    const shown = page.getByRole('button', { name: /^Forward localhost/ });
    return Number(/localhost:(\d+)/.exec((await shown.getAttribute('title')) ?? '')?.[1]);
  };

  it.skipIf(!runs)('gets nothing usable from the browser, and opens nothing of the app', async () => {
    const context = await browser.newContext();
    const window = await context.newPage();
    const { port, searchParams } = new URL(face.url);
    const token = searchParams.get('token') ?? '';
    // By the name under which forwards are shown: cookies of that name would go to all of its ports.
    await window.goto(face.url.replace('127.0.0.1', 'localhost'));
    const localPort = await forwardFrom(window);
    const key = await window.evaluate(() => sessionStorage.getItem('vllm-tray-key'));
    expect(key).toMatch(/^[\w-]{43}$/);

    for (const name of ['localhost', '127.0.0.1']) {
      const docs = await context.newPage();
      await docs.goto(`http://${name}:${localPort}/docs`);
      const loot = await docs.evaluate(attack, Number(port));
      expect(loot).toEqual({ cookie: 'theirs=1', stored: [], heard: [], reached: [] });
      await docs.close();
    }

    const byBrowser = asked.filter(({ headers }) => headers['user-agent']?.includes('Chrome'));
    expect(byBrowser.length).toBeGreaterThan(1);
    for (const { url, rawHeaders } of byBrowser) {
      const all = `${url} ${rawHeaders.join(' ')}`;
      expect(all).not.toContain(key);
      expect(all).not.toContain(token);
      expect(all).not.toContain('vllm-tray');
    }
    await context.close();
  });

  it.skipIf(!runs)(
    'is of no use to a program that got its requests and writes headers as it likes',
    async () => {
      const { port } = new URL(face.url);
      const cookies = asked.map(({ headers }) => headers.cookie ?? '').join('; ');
      for (const name of ['localhost', '127.0.0.1']) {
        const origin = `http://${name}:${port}`;
        const refused = await new Promise((resolve) => {
          const socket = new ProgramSocket(`ws://${name}:${port}/socket`, ['vllm-tray'], {
            origin,
            headers: { host: `${name}:${port}`, cookie: cookies },
          });
          socket.on('open', () => resolve('open'));
          socket.on('unexpected-response', (sent, response) => {
            sent.destroy();
            resolve(response.statusCode);
          });
          socket.on('error', () => undefined);
        });
        expect(refused).toBe(401);
      }
    },
  );
});
