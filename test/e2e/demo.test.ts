import { expect, it, onTestFinished } from 'vitest';
import { screenshot, startApp } from '../support/browser/app.ts';
import { expectSound, scanned, show } from '../support/browser/checks.ts';
import { describeInBrowser, useBrowser, useDemo, withClipboard } from '../support/browser/hooks.ts';
import { expectFree, expectModelThrough } from '../support/through.ts';

const views = ['GPUs', 'Models', 'Forwards'] as const;

describeInBrowser('the window on the demo cluster', () => {
  const { open } = useDemo();

  it('shows the progress of the scan, cancels it, and tells what is free', async () => {
    const { page, complaints } = await open();
    await page.getByText('Demo cluster', { exact: true }).waitFor();
    await scanned(page);
    await page.getByRole('button', { name: 'Rescan' }).click();
    await page.getByRole('progressbar', { name: 'Scan' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText(/^Scan cancelled at \d+ of 15 hosts/).waitFor();
    await page.getByRole('button', { name: 'Rescan' }).click();
    await scanned(page);
    await page.getByText(/^\d+ idle of 57 GPUs$/).waitFor();
    await page.getByText(/12 of 15 hosts/).waitFor();
    const firstFree = await page
      .locator('tbody tr')
      .first()
      .getByText(/of \d+ free/)
      .textContent();
    expect(firstFree).toMatch(/^[1-8] of/);
    expect(complaints).toEqual([]);
  });

  it('tells why hosts did not answer, with the remedy', async () => {
    const { page } = await open();
    await scanned(page);
    await page.getByText('3 hosts did not answer').click();
    await page.getByText('The host refused the connection').waitFor();
    await page.getByText(/^The host asks for a password or a code/).waitFor();
    await screenshot(page, 'gpus-failed-light');
  });

  it('filters by what one types after a slash', async () => {
    const { page } = await open();
    await scanned(page);
    await page.keyboard.press('/');
    await page.keyboard.type('gh200');
    await page.getByRole('rowheader', { name: /gh200/ }).waitFor();
    expect(await page.getByRole('rowheader').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.getByRole('rowheader', { name: /h100-01/ }).waitFor();
  });

  it('forwards a model with one click, carries a chat through it, and stops', async () => {
    const { page, complaints } = await open();
    await scanned(page);
    await show(page, 'Models');
    await page.getByRole('button', { name: /^Forward Qwen\/Qwen3-30B-A3B on/ }).click();
    const chip = page.getByRole('button', { name: /^Forward localhost:\d+, listening$/ });
    const name = (await chip.getAttribute('aria-label')) ?? '';
    const port = Number(/localhost:(\d+)/.exec(name)?.[1]);
    await expectModelThrough(`http://localhost:${port}`, 'Qwen/Qwen3-30B-A3B');
    await chip.click();
    await screenshot(page, 'models-forwarded-light');
    await page.keyboard.press('Escape');
    await show(page, 'Forwards');
    const row = page.getByRole('row', { name: /h100-03:8001/ });
    await row.getByText(/^[1-9]\d* total$/).waitFor();
    await screenshot(page, 'forwards-light');
    await row.getByRole('button', { name: 'Stop forward to h100-03:8001' }).click();
    await page.getByText('No forward is open').waitFor();
    await expectFree(port);
    expect(complaints).toEqual([]);
  });

  it('copies what a user wants to paste', async () => {
    const { page } = await open(withClipboard);
    await scanned(page);
    await show(page, 'Models');
    await page.getByRole('button', { name: /^Forward meta-llama\/Llama-3.3-70B-Instruct on/ }).click();
    await page.getByRole('button', { name: /^Forward localhost:\d+, listening$/ }).click();
    await page.getByRole('menuitem', { name: 'Copy export OPENAI_BASE_URL' }).click();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    expect(copied).toMatch(/^export OPENAI_BASE_URL=http:\/\/localhost:\d+\/v1$/);
    await page.getByRole('button', { name: /^Forward localhost:\d+, listening$/ }).click();
    await page.getByRole('menuitem', { name: 'Stop forward' }).click();
    await page.getByRole('button', { name: /^Forward meta-llama\/Llama-3.3-70B-Instruct on/ }).waitFor();
  });

  it('does the main job from the keyboard alone', async () => {
    const { page } = await open();
    await scanned(page);
    await show(page, 'Models');
    const forward = page.getByRole('button', { name: /^Forward meta-llama\/Llama-3.1-8B-Instruct on/ });
    await forward.focus();
    await page.keyboard.press('Enter');
    const chip = page.getByRole('button', { name: /^Forward localhost:\d+, listening$/ });
    await chip.waitFor();
    await chip.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await forward.waitFor();
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 600],
    ['dark', 900],
  ] as const)('is clean to axe and does not overflow: %s, %i px wide', async (colorScheme, width) => {
    const { page, complaints } = await open({
      colorScheme,
      viewport: { width, height: 820 },
    });
    await scanned(page);
    for (const view of views) {
      await show(page, view);
      if (view === 'GPUs')
        await page
          .getByRole('button', { name: /h100-01/ })
          .first()
          .click();
      await expectSound(page);
      await screenshot(page, `${view.toLowerCase()}-${colorScheme}-${width}`);
    }
    expect(complaints).toEqual([]);
  });
});

describeInBrowser('the browser face', () => {
  const { open } = useBrowser();

  it('says what to do without the token, and loses nothing when it ends', async () => {
    const app = await startApp(['--demo']);
    onTestFinished(async () => void (await app.stop()));
    const { page: stranger } = await open(new URL('/', app.url).href);
    await stranger.getByText(/Open the whole address/).waitFor();
    const { page } = await open(app.url);
    await scanned(page);
    expect(page.url()).not.toContain('token');
    expect(await app.stop()).toBe(0);
    await page.getByText(/connection to the app/i).waitFor();
    await screenshot(page, 'link-lost-light');
  });
});
