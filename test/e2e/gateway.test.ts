import { rmSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, createConfigHome, screenshot, startApp } from '../support/browser/app.ts';
import { expectSound, scanned, show } from '../support/browser/checks.ts';
import { describeInBrowser, useBrowser, withClipboard } from '../support/browser/hooks.ts';
import { quietPort } from '../support/launch-host.ts';
import { expectFree } from '../support/through.ts';

const model = 'Qwen/Qwen3-30B-A3B';
const panelOf = (page: Page) => page.getByRole('region', { name: 'Gateway' });

/** Copies what the menu of the gateway has under that name, and reads the clipboard. */
async function copied(page: Page, entry: string): Promise<string> {
  await panelOf(page).getByRole('button', { name: 'Copy configuration' }).click();
  await page.getByRole('menuitem', { name: entry, exact: true }).click();
  await page.getByText(/^Copied /).waitFor();
  const text = await page.evaluate('navigator.clipboard.readText()');
  await page.getByRole('button', { name: 'Dismiss message' }).click();
  return String(text);
}

function chat(baseUrl: string, key: string): Promise<Response> {
  return fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
  });
}

describeInBrowser('the gateway to the demo cluster', () => {
  let home: string;
  let port: number;
  let app: App;
  beforeAll(async () => {
    port = await quietPort();
    home = createConfigHome({ gateway: { enabled: false, port, stickiness: 'session' } });
    app = await startApp(['--demo'], home);
  });
  afterAll(async () => {
    await app?.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const browser = useBrowser();

  it('is switched on in the window, answers with the copied key, counts and logs, and gets a new key', async () => {
    const { page } = await browser.open(app.url, withClipboard);
    await scanned(page);
    await show(page, 'Forwards');
    const panel = panelOf(page);
    await panel.getByRole('switch', { name: 'Gateway' }).focus();
    await page.keyboard.press('Space');
    const url = `http://127.0.0.1:${port}/v1`;
    await panel.getByText(url).waitFor();
    await panel.getByLabel('Model in the copied text').selectOption(model);
    expect(await copied(page, 'Base URL')).toBe(url);
    const key = await copied(page, 'Key');
    const config = JSON.parse(await copied(page, 'opencode'));
    expect(config.model).toBe(`vllm-tray/${model}`);
    expect(config.provider['vllm-tray'].options).toEqual({ baseURL: url, apiKey: key });
    await expectSound(page);

    // The row counts what is under way while the answer streams.
    const answer = await chat(url, key);
    expect(answer.status).toBe(200);
    await panel.getByText('1 request now').waitFor();
    expect(await answer.text()).toMatch(/data: \[DONE\]\s*$/);
    await panel.getByText('0 requests now').waitFor();
    await screenshot(page, 'gateway-listening-light');

    await panel.getByRole('link', { name: 'Request log' }).click();
    const row = page.locator('[data-table="gateway-requests"]', { hasText: '/v1/chat/completions' });
    await row.getByText('Answered').waitFor();
    expect(await row.textContent()).toContain(model);
    await screenshot(page, 'gateway-requests-light');
    await expectSound(page);
    await page.getByRole('button', { name: 'Report…' }).click();
    const report = await page.getByRole('region', { name: 'The report' }).textContent();
    expect(report).toContain('vllm-tray');
    for (const secret of [key, '/v1/chat/completions']) expect(report).not.toContain(secret);
    await page.keyboard.press('Escape');

    await show(page, 'Forwards');
    await panel.getByRole('button', { name: 'Renew key' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Renew key' }).click();
    await page.getByText('The gateway has a new key').waitFor();
    expect((await chat(url, key)).status).toBe(401);
    await page.getByRole('button', { name: 'Dismiss message' }).click();
    const renewed = await chat(url, await copied(page, 'Key'));
    expect(renewed.status).toBe(200);
    await renewed.text();

    await panel.getByRole('switch', { name: 'Gateway' }).click();
    await panel.getByText(/^Off\./).waitFor();
    await expectFree(port);
  });
});
