import { homedir } from 'node:os';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { demoHosts } from '../../main/demo/catalogue.ts';
import { screenshot } from '../support/browser/app.ts';
import { overflowPx, scanned, violations } from '../support/browser/checks.ts';
import { describeInBrowser, useDemo, withClipboard } from '../support/browser/hooks.ts';

async function openDiagnostics(page: Page): Promise<void> {
  await scanned(page);
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Diagnostics' }).click();
}

describeInBrowser('diagnostics of the demo cluster', () => {
  const { open } = useDemo();

  it('tell of each host with trouble what failed, and collapse the others to counts', async () => {
    const { page, complaints } = await open();
    await openDiagnostics(page);
    await page.getByText('3 hosts with problems').waitFor();
    const card = page.getByRole('article', { name: 'v100-old' });
    await card.getByText('The host refused the connection').waitFor();
    await card.getByText(/^connect ECONNREFUSED 127\.0\.0\.1:\d+$/).waitFor();
    await card.getByText(/^ssh -F \S+ v100-old$/).waitFor();
    await card.getByText(/^demo@127\.0\.0\.1:\d+$/).waitFor();
    await card.getByText('connection-refused').waitFor();
    await page.getByRole('button', { name: '11 hosts OK' }).click();
    await page.getByText('built-in').first().waitFor();
    await page.getByRole('button', { name: '1 host without a GPU' }).click();
    await page.getByRole('article', { name: 'cpu-build' }).waitFor();
    await screenshot(page, 'diagnostics-hosts-light');
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('show the log as it grows, filtered and copied', async () => {
    const { page } = await open(withClipboard);
    await openDiagnostics(page);
    await page.getByRole('tab', { name: 'Log' }).click();
    const log = page.getByRole('listbox', { name: 'Lines of the log' });
    await log.getByText('v100-old: connection-refused at connect').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('v100-old refused');
    await expect
      .poll(async () => new Set(await log.locator('.LogLines__message').allTextContents()))
      .toEqual(new Set(['v100-old: connection-refused at connect']));
    const before = await log.getByRole('option').count();
    await page.keyboard.press('Escape');
    await page.keyboard.type('v100-old');
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('r');
    await expect.poll(() => log.getByRole('option').count(), { timeout: 20_000 }).toBeGreaterThan(before);
    await screenshot(page, 'diagnostics-log-light');
    expect(await violations(page)).toEqual([]);
    await log.getByRole('option').first().click();
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByRole('button', { name: 'Copy 2 lines' }).click();
    const copied = String(await page.evaluate('navigator.clipboard.readText()'));
    expect(copied.split('\n')).toHaveLength(2);
    expect(copied).toMatch(/^\S+Z info v100-old: connection-refused at connect$/m);
  });

  it('write a report in which none of the names stands', async () => {
    const { page } = await open(withClipboard);
    await openDiagnostics(page);
    await page.getByRole('button', { name: 'Report…' }).click();
    const report = page.getByRole('region', { name: 'The report' });
    await report.getByText(/^# vllm-tray \d/).waitFor();
    await screenshot(page, 'diagnostics-report-light');
    expect(await violations(page)).toEqual([]);
    const shown = await report.innerText();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const copied = String(await page.evaluate('navigator.clipboard.readText()'));
    expect(copied.trim()).toBe(shown.trim());
    expect(copied).toContain('connection-refused at connect');
    const models = demoHosts.flatMap(({ services }) =>
      services.flatMap((service) => (service.kind === 'vllm' ? [service.model] : [])),
    );
    for (const name of [...demoHosts.map(({ alias }) => alias), ...models, homedir(), 'demo@'])
      expect(copied.toLowerCase(), name).not.toContain(name.toLowerCase());
  });

  it.each([
    ['dark', 'more', 1280],
    ['light', 'no-preference', 600],
    ['dark', 'no-preference', 640],
  ] as const)(
    'are clean to axe and do not overflow: %s, contrast %s, %i px',
    async (colorScheme, contrast, width) => {
      const { page, complaints } = await open({
        colorScheme,
        contrast,
        viewport: { width, height: 720 },
      });
      await openDiagnostics(page);
      for (const part of ['Hosts', 'Log']) {
        await page.getByRole('tab', { name: part }).click();
        await page
          .getByText(/v100-old/)
          .first()
          .waitFor();
        expect(await violations(page), part).toEqual([]);
        expect(await overflowPx(page), part).toBe(0);
        await screenshot(page, `diagnostics-${part.toLowerCase()}-${colorScheme}-${contrast}-${width}`);
      }
      expect(complaints).toEqual([]);
    },
  );
});
