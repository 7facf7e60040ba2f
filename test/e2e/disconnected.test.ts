import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { createConfigHome, screenshot, startApp } from '../support/browser/app.ts';
import { scanned, show, violations } from '../support/browser/checks.ts';
import { describeInBrowser, useBrowser } from '../support/browser/hooks.ts';
import { freePort } from '../support/ssh/sshd.ts';

/** Starts the app on a port of its own, as many times as it is asked to. */
async function restartable(options: readonly string[]) {
  const home = createConfigHome();
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const port = String(await freePort());
  return async () => {
    const app = await startApp(['--demo', '--port', port, ...options], home);
    onTestFinished(async () => void (await app.stop()));
    return app;
  };
}

async function forwardOne(page: Page): Promise<void> {
  await scanned(page);
  await show(page, 'Models');
  await page.getByRole('button', { name: /^Forward Qwen\/Qwen3-30B-A3B on/ }).click();
  await chip(page).waitFor();
}

const chip = (page: Page) => page.getByRole('button', { name: /^Forward localhost:\d+/ });
const lost = (page: Page) => page.getByText('Connection to the app lost, reconnecting.');

describeInBrowser('a page whose app has ended', () => {
  const { open } = useBrowser();

  it.each(['light', 'dark'] as const)(
    'is off and grey, and finds the next start with the same token again: %s',
    async (colorScheme) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'vllm-tray-token-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const file = path.join(folder, 'token');
      const start = await restartable(['--token-file', file]);
      const app = await start();
      const token = readFileSync(file, 'utf8').trim();
      const { page } = await open(app.url.replace('TOKEN', token), { colorScheme });
      await forwardOne(page);
      await page.evaluate('window.isTheSamePage = true');

      await app.stop();
      await lost(page).waitFor();
      await page.locator('main .ForwardChip__chip:disabled').waitFor();
      expect(await page.getByRole('button', { name: 'Rescan' }).isDisabled()).toBe(true);
      const soft = await page.locator('.ScanBar__text').evaluate((text) => getComputedStyle(text).color);
      const look = await page.locator('main .ForwardChip__chip').evaluate((one) => {
        const { color, backgroundColor } = getComputedStyle(one);
        return { color, backgroundColor };
      });
      expect(look).toEqual({ color: soft, backgroundColor: 'rgba(0, 0, 0, 0)' });
      // What is known can still be filtered and looked through.
      await page.getByLabel('Filter hosts, models and forwards').fill('Qwen3-30B');
      expect(await violations(page)).toEqual([]);
      await screenshot(page, `disconnected-${colorScheme}`);

      await start();
      await lost(page).waitFor({ state: 'detached' });
      await page.locator('.ScanBar__button:enabled').waitFor();
      expect(await page.evaluate('window.isTheSamePage')).toBe(true);
      await page.getByRole('button', { name: 'Rescan' }).click();
    },
  );

  it('asks for the new address where the token is another one', async () => {
    const start = await restartable([]);
    const app = await start();
    const { page } = await open(app.url);
    await scanned(page);
    await app.stop();
    await lost(page).waitFor();
    await start();
    await page.getByText(/^Open the whole address/).waitFor();
  });

  it('gives its key to no other program that has the port meanwhile', async () => {
    const start = await restartable([]);
    const app = await start();
    const { page } = await open(app.url);
    await scanned(page);
    const key = String(await page.evaluate(`sessionStorage.getItem('vllm-tray-key')`));
    expect(key.length).toBeGreaterThan(32);
    await app.stop();
    const seen: string[] = [];
    const other = createServer((request, response) => {
      seen.push(`${request.url} ${JSON.stringify(request.headers)}`);
      response.end('made up');
    });
    other.on('upgrade', (request, socket) => {
      seen.push(`${request.url} ${JSON.stringify(request.headers)}`);
      socket.destroy();
    });
    await new Promise<void>((done) => other.listen(Number(new URL(app.url).port), '127.0.0.1', done));
    onTestFinished(() => {
      other.closeAllConnections();
      other.close();
    });
    await page.getByText(/^Open the whole address/).waitFor();
    expect(seen.some((one) => one.startsWith('/proof'))).toBe(true);
    expect(seen.join('\n')).not.toContain(key);
  });
});
