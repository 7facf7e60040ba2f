import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { screenshot } from '../support/browser/app.ts';
import { expectSound, scanned, violations } from '../support/browser/checks.ts';
import { describeInBrowser, useDemo } from '../support/browser/hooks.ts';

const waiting = { timeout: 60_000 };

/** Presses Tab until the element of that name has the focus: what a person without a pointer does. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let press = 0; press < 120; press += 1) {
    const focused = await page.evaluate(() => {
      const { activeElement: element } = document;
      const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
      return element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '';
    });
    if (name.test(focused)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no Tab leads to ${name}`);
}

const row = (page: Page, text: string) =>
  page.getByRole('region', { name: 'Launches' }).getByRole('row').filter({ hasText: text });

describeInBrowser('serving on the demo cluster', () => {
  const demo = useDemo();

  it('goes by keyboard alone from Find free to a streamed answer, and stops', async () => {
    const { page, complaints } = await demo.open();
    await scanned(page);
    await tabTo(page, /^Find free GPUs$/);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Serve a model on h100-01' }).waitFor();
    await tabTo(page, /^Serve a model on h100-01$/);
    await page.keyboard.press('Enter');
    await tabTo(page, /^Model$/);
    await page.keyboard.type('Qwen/Qwen3-8B');
    await screenshot(page, 'serve-form-light');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    const command = page.getByText(
      /^exec env CUDA_VISIBLE_DEVICES=GPU-\S+ vllm serve Qwen\/Qwen3-8B --port \d+/,
    );
    await command.waitFor(waiting);
    await screenshot(page, 'serve-plan-light');
    await page.keyboard.press('Enter');

    const launch = row(page, 'Qwen/Qwen3-8B');
    for (const stage of [
      'starting the program',
      'downloading the model',
      'loading the weights',
      'compiling',
    ]) {
      await launch.getByText(stage).waitFor(waiting);
      await screenshot(page, `serve-${stage.split(' ')[0]}-light`);
    }
    await launch.getByText('ready', { exact: true }).waitFor(waiting);
    await page.getByText('Application startup complete.').waitFor(waiting);
    const chip = launch.getByRole('button', { name: /^Forward localhost:\d+, / });
    await chip.waitFor(waiting);
    await screenshot(page, 'serve-ready-light');
    expect(await violations(page)).toEqual([]);

    // Any client of this computer gets an answer piece by piece through the forward.
    const label = await chip.getAttribute('aria-label');
    const answer = await fetch(`http://127.0.0.1:${/\d+/.exec(label ?? '')?.[0]}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'Qwen/Qwen3-8B',
        messages: [{ role: 'user', content: 'Hello' }],
        stream: true,
      }),
    });
    const events = (await answer.text()).split('\n\n').filter((event) => event.startsWith('data: '));
    expect(events.length).toBeGreaterThan(3);
    expect(events.at(-1)).toBe('data: [DONE]');

    await tabTo(page, /^Forward localhost:\d+, /);
    await page.keyboard.press('Enter');
    await page.keyboard.type('Send');
    await page.keyboard.press('Enter');
    await tabTo(page, /^Send/);
    await page.keyboard.press('Enter');
    await page
      .getByText(/token\/s|tok\/s/)
      .first()
      .waitFor(waiting);
    await screenshot(page, 'serve-answer-light');
    await page.keyboard.press('Escape');

    await tabTo(page, /^Stop vllmctl_server_/);
    await page.keyboard.press('Enter');
    await page.getByText(/gets TERM and, if it still runs after 20 s, KILL/).waitFor();
    await screenshot(page, 'serve-stop-light');
    await tabTo(page, /^Stop launch$/);
    await page.keyboard.press('Enter');
    await launch.getByText('stopped').waitFor(waiting);
    await expectSound(page);
    expect(complaints).toEqual([]);
  }, 240_000);

  it('says why a launch failed, with its line and the next step, in the dark too', async () => {
    const { page } = await demo.open({ colorScheme: 'dark' });
    await scanned(page);
    await page.goto(`${page.url().split('#')[0]}#models`);
    await page.getByRole('button', { name: 'Serve a model', exact: true }).click();
    await page.getByLabel('Model', { exact: true }).fill('meta-llama/Llama-3.1-8B-Instruct');
    await page.getByLabel('Lifetime').fill('2h');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Start' }).click(waiting);
    const launch = row(page, 'meta-llama/Llama-3.1-8B-Instruct');
    await launch
      .getByText('The model needs a token, or an account that may read it')
      .first()
      .waitFor(waiting);
    await page.getByText(/run "hf auth login" or set HF_TOKEN on the host/).waitFor(waiting);
    await page
      .getByText(/GatedRepoError: 401/)
      .first()
      .waitFor();
    await screenshot(page, 'serve-failed-dark');
    expect(await violations(page)).toEqual([]);
  }, 120_000);
});
