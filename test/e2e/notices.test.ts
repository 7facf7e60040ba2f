import { expect, it } from 'vitest';
import { screenshot } from '../support/browser/app.ts';
import { scanned, violations } from '../support/browser/checks.ts';
import { describeInBrowser, useDemo } from '../support/browser/hooks.ts';

/** Notes what the page has the browser show, and shows it: what the system makes of it no page can see. */
const noteNotifications = `
  window.noted = [];
  const Real = window.Notification;
  window.Notification = class extends Real {
    constructor(title, options) {
      super(title, options);
      window.noted.push({ title, body: options.body, click: () => this.onclick() });
    }
  };
`;

describeInBrowser('notices in the browser', () => {
  const { open } = useDemo();

  it('tell by a notification and behind the bell what a new rule asks for, and lead there', async () => {
    const { page, complaints } = await open({ permissions: ['notifications'] });
    await scanned(page);
    await page.addInitScript(noteNotifications);
    await page.reload();
    await page.evaluate("location.hash = '#settings/notifications'");
    await page.getByRole('button', { name: 'Add a rule' }).click();
    await page.getByRole('menuitem', { name: 'GPUs are free' }).click();
    await page.getByRole('button', { name: 'Save rule' }).click();
    // The demo cluster may have its own news meanwhile.
    const bell = page.getByRole('button', { name: /^Notifications, \d+ new$/ });
    await bell.waitFor();
    await expect
      .poll(() => page.evaluate('noted.map(({ title }) => title)'))
      .toContainEqual(expect.stringMatching(/^(\d+|Enough) GPUs? free on /));
    // The rule was to tell once.
    await page.getByRole('switch', { name: /^Active: 1 GPU is free/, checked: false }).waitFor();
    await bell.click();
    await page.getByRole('dialog', { name: 'Notifications' }).waitFor();
    await screenshot(page, 'notices-light');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.evaluate('noted.find(({ title }) => /GPUs? free on /.test(title)).click()');
    await page.getByRole('link', { name: 'GPUs' }).and(page.locator('[aria-current="page"]')).waitFor();
    expect(await page.evaluate('location.hash')).toMatch(/^#gpus\/.+/);
    expect(complaints).toEqual([]);
  });
});
