import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { createConfigHome, screenshot, startApp } from '../support/browser/app.ts';
import { expectSound, scanned, show, violations } from '../support/browser/checks.ts';
import { describeInBrowser, useBrowser, useDemo, withClipboard } from '../support/browser/hooks.ts';

const items = (page: Page) => page.getByRole('menuitem').allTextContents();
const focused = (page: Page) => page.evaluate('document.activeElement.textContent');

describeInBrowser('the menu of a row', () => {
  const { open } = useDemo();

  it('opens by Shift+F10, is gone through by arrows, and gives the focus back', async () => {
    const { page, complaints } = await open(withClipboard);
    await scanned(page);
    await page.locator('[data-key="h100-01"] .expander').focus();
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menu', { name: 'h100-01' }).waitFor();
    expect(await focused(page)).toBe('Copy ssh command');
    await expectSound(page);
    await screenshot(page, 'row-menu-host');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('menu').count()).toBe(0);
    expect(await focused(page)).toContain('h100-01');
    await page.keyboard.press('ContextMenu');
    await page.keyboard.press('Enter');
    await page.getByText('Copied ssh command').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toContain('h100-01');
    expect(complaints).toEqual([]);
  });

  it('opens where the secondary button is pressed, beside the pointer and inside the window', async () => {
    const { page } = await open({ viewport: { width: 700, height: 500 } });
    await scanned(page);
    await show(page, 'Models');
    const row = page.locator('[data-table="models"]').nth(2);
    await row.click({ button: 'right', position: { x: 500, y: 10 } });
    const box = await page.getByRole('menu').boundingBox();
    if (box === null) throw new Error('the menu has no place');
    expect(box.x + box.width).toBeLessThanOrEqual(700);
    expect(box.y + box.height).toBeLessThanOrEqual(500);
    expect((await items(page)).length).toBeGreaterThan(0);
    expect(await violations(page)).toEqual([]);
    // Another row's takes its place.
    await page
      .locator('[data-table="models"]')
      .nth(1)
      .click({ button: 'right', position: { x: 30, y: 10 } });
    expect(await page.getByRole('menu').count()).toBe(1);
  });

  it('switches a host off and on again by keyboard alone', async () => {
    const { page } = await open();
    await scanned(page);
    const row = page.locator('[data-key="h100-02"]');
    await row.locator('.expander').focus();
    await page.keyboard.press('Shift+F10');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.getByText('h100-02 switched off').waitFor();
    await row.waitFor({ state: 'detached' });
    await page.keyboard.press('u');
    await row.waitFor();
  });
});

describeInBrowser('the command palette', () => {
  const { open } = useDemo();
  const box = (page: Page) => page.getByRole('combobox', { name: 'View, host, model or action' });

  it.each(['light', 'dark'] as const)('is clean to axe and fits, also at 320 px: %s', async (colorScheme) => {
    const { page, complaints } = await open({ colorScheme });
    await scanned(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('h100');
    await expectSound(page);
    await screenshot(page, `palette-${colorScheme}`);
    await page.setViewportSize({ width: 320, height: 480 });
    await expectSound(page);
    await screenshot(page, `palette-${colorScheme}-320`);
    expect(complaints).toEqual([]);
  });

  it('leads to a host and forwards a model, and gives the focus back, by keyboard alone', async () => {
    const { page } = await open();
    await scanned(page);
    await page.keyboard.press('/');
    await page.keyboard.press('Control+k');
    await box(page).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate('document.activeElement.hasAttribute("data-filter")')).toBe(true);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('h100-02');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.evaluate('document.activeElement.closest("[data-key]")?.dataset.key'))
      .toBe('h100-02');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('forward qwen3-30b');
    await page.keyboard.press('Enter');
    await page.getByText('1 forward', { exact: true }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('localhost:16');
    await page.getByRole('option', { name: /localhost:16\d+.*Forward$/ }).waitFor();
    expect(await page.getByRole('option', { selected: true }).count()).toBe(1);
  });
});

describeInBrowser('a favourite', () => {
  const { open } = useBrowser();

  it('stands on top, also after the app has started again', async () => {
    const home = createConfigHome();
    const first = (page: Page) => page.locator('main tr[data-key]').first().getAttribute('data-key');
    let app = await startApp(['--demo'], home);
    try {
      const { page } = await open(app.url);
      await scanned(page);
      const key = 'cpu-build';
      expect(await first(page)).not.toBe(key);
      await page.locator(`[data-key="${key}"]`).click({ button: 'right', position: { x: 120, y: 10 } });
      await page.getByRole('menuitem', { name: 'Add to favourites' }).click();
      await page.locator(`[data-key="${key}"]`).getByTitle('Favourite').waitFor();
      await page.mouse.move(10, 10);
      await expect.poll(() => first(page)).toBe(key);
      await expectSound(page);
      await screenshot(page, 'favourite');
      await app.stop();
      app = await startApp(['--demo'], home);
      const again = await open(app.url, { colorScheme: 'dark' });
      await scanned(again.page);
      expect(await first(again.page)).toBe(key);
      await screenshot(again.page, 'favourite-dark');
    } finally {
      await app.stop();
    }
  });
});
