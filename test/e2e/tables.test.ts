import type { Page } from 'playwright-core';
import { expect, it, vi } from 'vitest';
import { createConfigHome, screenshot, startApp } from '../support/browser/app.ts';
import { expectNoOverflow, scanned, show, violations } from '../support/browser/checks.ts';
import { describeInBrowser, useBrowser, useDemo, useFleet, withClipboard } from '../support/browser/hooks.ts';

const titles = (page: Page) => page.locator('.view > table thead th').allTextContents();

/** What is seen of the names of the page: the whole one, or its two parts with as much of the first as fits. */
const seen = (page: Page, place: 'tr > th' | 'tr > td') =>
  page.locator(`${place} .Name__cutName`).evaluateAll((names) =>
    names.map(({ children: [short] }) => {
      if (!(short instanceof HTMLElement)) throw new Error('a name without its parts');
      const { offsetWidth, scrollWidth, clientWidth, dataset } = short;
      return { whole: offsetWidth === 0, tail: dataset.tail ?? '', tailFits: scrollWidth <= clientWidth };
    }),
  );

describeInBrowser('the columns of a table', () => {
  const { open } = useDemo();

  it('are chosen, by keyboard too, and stay so over a reload', async () => {
    const { page, complaints } = await open();
    await scanned(page);
    expect(await titles(page)).toContain('Users');
    await page.getByRole('button', { name: 'Columns' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('checkbox', { name: 'Users' }).focus();
    await page.keyboard.press('Space');
    await expect.poll(() => titles(page)).not.toContain('Users');
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'columns-chooser-light');
    await page.keyboard.press('Escape');
    await page.reload();
    await scanned(page);
    expect(await titles(page)).not.toContain('Users');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('button', { name: 'Show all' }).click();
    await expect.poll(() => titles(page)).toContain('Users');
    expect(complaints).toEqual([]);
  });

  it('leave where the table is too narrow, and come back', async () => {
    const { page } = await open({ viewport: { width: 700, height: 800 } });
    await scanned(page);
    await show(page, 'Models');
    expect(await titles(page)).not.toContain('State');
    await page
      .locator('[data-table="models"] .FoldableTable__under')
      .getByText('Up', { exact: true })
      .first()
      .waitFor();
    await page.setViewportSize({ width: 1500, height: 800 });
    await page.getByRole('columnheader', { name: 'State' }).waitFor();
    const under = page.locator('[data-table="models"] .FoldableTable__under');
    expect(await under.getByText('Up', { exact: true }).count()).toBe(0);
  });

  it('show each process of a GPU in a line that is not cut, with its PID to copy', async () => {
    const { page } = await open(withClipboard);
    await scanned(page);
    await page.locator('[data-key="h100-01"] .expander').click();
    const table = page.getByRole('table', { name: 'GPUs of h100-01' });
    const process = table.getByRole('listitem').first();
    await process.waitFor();
    expect(await process.textContent()).toMatch(/^svc-llmPID \d+VLLM/);
    const cut = await table
      .locator('.Occupants__process .cut')
      .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length);
    expect(cut).toBe(0);
    // All its GPUs are of one kind, which its row says.
    expect(await table.getByRole('columnheader', { name: 'Name' }).count()).toBe(0);
    const copy = process.getByRole('button', { name: /^Copy PID/ });
    const pid = /\d+/.exec((await copy.getAttribute('aria-label')) ?? '')?.[0];
    await copy.click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(pid);
  });
});

describeInBrowser('titles of columns', () => {
  const { open } = useBrowser();

  it('of columns that were taken out stay away in the next start, at another address', async () => {
    const home = createConfigHome();
    const first = await startApp(['--demo'], home);
    try {
      const { page } = await open(first.url);
      await scanned(page);
      await page.getByRole('button', { name: 'Columns' }).click();
      await page.getByRole('checkbox', { name: 'Users' }).click();
      await page.getByRole('columnheader', { name: 'Users' }).waitFor({ state: 'detached' });
    } finally {
      await first.stop();
    }
    const next = await startApp(['--demo'], home);
    try {
      expect(new URL(next.url).origin).not.toBe(new URL(first.url).origin);
      const { page } = await open(next.url);
      await scanned(page);
      const all = await titles(page);
      expect(all).toContain('Memory');
      expect(all).not.toContain('Users');
    } finally {
      await next.stop();
    }
  });

  it.each(['en', 'ru'])('fit, and nothing is wider than the window: %s', async (language) => {
    const home = createConfigHome({ language });
    const app = await startApp(['--demo'], home);
    try {
      const { page } = await open(app.url);
      await page.locator('[data-table="gpus"] .GpuStrip__strip').nth(9).waitFor();
      for (const view of ['gpus', 'models', 'forwards']) {
        await page.evaluate(`location.hash = '#${view}'`);
        await page.locator(`a[aria-current="page"][href="#${view}"]`).waitFor();
        for (const width of [320, 480, 640, 700, 800, 1000, 1280, 1440, 1600]) {
          await page.setViewportSize({ width, height: 800 });
          // The columns follow the width some frames later.
          await vi.waitFor(async () => {
            await expectNoOverflow(page);
            const cut = await page
              .locator('table > thead th:not(:has(.visually-hidden))')
              .evaluateAll((all) =>
                all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent),
              );
            expect(cut, `${view} at ${width}`).toEqual([]);
          });
        }
      }
    } finally {
      await app.stop();
    }
  });
});

describeInBrowser('names that begin alike', () => {
  const { open } = useFleet({
    hosts: 40,
    gpus: 1,
    dress: (host, index) => {
      const alias = `gpu-cluster-frankfurt-rack-07-node-${index}`;
      return { ...host, id: alias, alias };
    },
  });

  it('are cut in their middle, stay apart, never lose their port, and are whole where there is room', async () => {
    const { page } = await open({ viewport: { width: 480, height: 800 } });
    await page.locator('[data-table="gpus"]').first().waitFor();
    const hosts = await seen(page, 'tr > th');
    expect(hosts.every(({ whole, tailFits }) => !whole && tailFits)).toBe(true);
    expect(new Set(hosts.map(({ tail }) => tail)).size).toBe(40);
    await screenshot(page, 'names-hosts-700');
    await page.evaluate(`location.hash = '#models'`);
    await page.locator('[data-table="models"]').first().waitFor();
    const servers = await seen(page, 'tr > td');
    expect(servers).toHaveLength(10);
    for (const { whole, tail, tailFits } of servers) {
      expect([whole, tailFits]).toEqual([false, true]);
      expect(tail).toMatch(/node-\d+:8000$/);
    }
    await screenshot(page, 'names-servers-700');
    // A screen reader, a search and a copy get the whole name.
    await page.getByRole('cell', { name: /^gpu-cluster-frankfurt-rack-07-node-0:8000/ }).waitFor();
    await page.setViewportSize({ width: 2400, height: 800 });
    await expect.poll(async () => (await seen(page, 'tr > td')).every(({ whole }) => whole)).toBe(true);
  });
});
