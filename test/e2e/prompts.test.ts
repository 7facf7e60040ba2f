import { expect, it } from 'vitest';
import { screenshot } from '../support/browser/app.ts';
import { violations } from '../support/browser/checks.ts';
import { describeInBrowser, useDemo } from '../support/browser/hooks.ts';

describeInBrowser('what only a person can settle', () => {
  const { open } = useDemo();

  for (const [name, options] of [
    ['light', { colorScheme: 'light' as const }],
    ['dark-600', { colorScheme: 'dark' as const, viewport: { width: 600, height: 720 } }],
  ] as const) {
    it(`is asked for in a banner and dialogs that are accessible: ${name}`, async () => {
      const { page, complaints } = await open(options);
      const waiting = page.getByRole('region', { name: 'Waiting for you' });
      await waiting.getByText('1 host key not known yet').waitFor();
      await screenshot(page, `attention-${name}`);
      await waiting.getByRole('button', { name: 'Review' }).click();
      await page.getByRole('dialog', { name: '1 host key to check' }).waitFor();
      await screenshot(page, `host-keys-${name}`);
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await waiting.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('dialog', { name: 'Log in to dgx-guest' }).waitFor();
      await screenshot(page, `prompt-${name}`);
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await waiting.getByText('dgx-guest needs a login').waitFor();
      expect(complaints).toEqual([]);
    });
  }

  it('a code, wrong and then right, brings the host up, with the keyboard alone', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Log in', exact: true }).focus();
    await page.keyboard.press('Enter');
    const field = page.getByLabel('Code (any six digits will do):');
    await field.waitFor();
    await page.keyboard.type('12');
    await page.keyboard.press('Enter');
    await page.getByText('That was not right. Try again.').waitFor();
    await page.keyboard.type('123456');
    await page.keyboard.press('Enter');
    await page.getByText(/13 of 15 hosts/).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('an accepted host key brings the host up', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Accept 1 key' }).click();
    await page.getByText(/14 of 15 hosts/).waitFor();
    await page.getByRole('region', { name: 'Waiting for you' }).waitFor({ state: 'detached' });
  });
});
