import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { scanned } from '../support/browser/checks.ts';
import { describeInBrowser, useDemo, useFleet, withClipboard } from '../support/browser/hooks.ts';

/** Presses of a button of the mouse since the page was opened. */
const presses = (page: Page): Promise<unknown> => page.evaluate('window.presses');

async function countPresses(page: Page): Promise<void> {
  await page.evaluate(`(() => {
    window.presses = 0;
    addEventListener('pointerdown', () => { window.presses += 1; }, true);
  })()`);
}

/** Does it, prints how long that took, and holds it to so many clicks. */
async function within(
  clicks: number,
  { what, page }: { readonly what: string; readonly page: Page },
  work: () => Promise<void>,
): Promise<void> {
  await countPresses(page);
  const since = performance.now();
  await work();
  const count = Number(await presses(page));
  console.log(`${what}: ${count} clicks, ${((performance.now() - since) / 1000).toFixed(1)} s`);
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThanOrEqual(clicks);
}

describeInBrowser('free GPUs, in clicks', () => {
  const { open } = useFleet({ hosts: 40, gpus: 8 });

  it('4 free H100, with the command that takes them: 3', async () => {
    const { page } = await open(withClipboard);
    await page.locator('[data-table="gpus"]').first().waitFor();
    await within(3, { what: '4 free H100', page }, async () => {
      await page.getByRole('button', { name: 'Find free GPUs' }).click();
      const finder = page.getByRole('dialog', { name: 'Find free GPUs' });
      await finder.getByLabel('GPUs').fill('4');
      const kind = finder.getByLabel('Kind');
      const names = await kind.locator('option').allTextContents();
      await kind.selectOption(names.find((name) => name.includes('H100')) ?? '');
      await finder
        .getByRole('button', { name: /^Copy the command for gpu-/ })
        .first()
        .click();
      const command = await page.evaluate('navigator.clipboard.readText()');
      expect(command).toMatch(/^ssh -t gpu-\d+ '.*CUDA_VISIBLE_DEVICES=(?:[^,' ]+,){3}[^,' ]+ /);
    });
  });
});

describeInBrowser('what one does every day, in clicks', () => {
  const { open } = useDemo();

  const daily = async (clicks: number, what: string, work: (page: Page) => Promise<void>) => {
    const { page } = await open();
    await scanned(page);
    await within(clicks, { what, page }, () => work(page));
  };

  it('a model that curl reaches: 2', () =>
    daily(2, 'a model reached by curl', async (page) => {
      await page.getByRole('navigation').getByRole('link', { name: 'Models' }).click();
      await page
        .getByRole('button', { name: /^Forward .* on / })
        .first()
        .click();
      const address = page.getByText(/^localhost:\d+$/).first();
      await address.waitFor();
      const response = await fetch(`http://${await address.textContent()}/v1/models`);
      expect(response.status).toBe(200);
    }));

  it('who is on a host: 1', () =>
    daily(1, 'who blocks this host', async (page) => {
      await page.locator('[data-key="h100-01"] .expander').click();
      const process = page.getByRole('table', { name: 'GPUs of h100-01' }).getByRole('listitem').first();
      await process.waitFor();
      expect(await process.textContent()).toMatch(/PID \d+/);
    }));

  it('a notification when 8 are free on one host: 3', () =>
    daily(3, 'a notification when 8 are free', async (page) => {
      await page.getByRole('button', { name: 'Find free GPUs' }).click();
      const finder = page.getByRole('dialog', { name: 'Find free GPUs' });
      await finder.getByLabel('GPUs').fill('8');
      await finder.getByLabel('GiB each, at least').fill('200');
      await finder.getByRole('button', { name: 'Notify me when free' }).click();
      await finder.getByText('You will be notified once').waitFor();
    }));

  it('a host without GPUs away: 2', () =>
    daily(2, 'a host without GPUs away', async (page) => {
      const row = page.locator('[data-key="cpu-build"]');
      await row.click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Switch off' }).click();
      await row.waitFor({ state: 'detached' });
    }));
});
