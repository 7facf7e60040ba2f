import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { screenshot } from '../support/browser/app.ts';
import { expectNoOverflow, expectSound, scanned, show } from '../support/browser/checks.ts';
import { describeInBrowser, useDemo, useFleet, withClipboard } from '../support/browser/hooks.ts';
import { aServer } from '../support/samples.ts';

const copied = (page: Page): Promise<string> => page.evaluate('navigator.clipboard.readText()');

const row = (page: Page, name: string) =>
  page.locator('[data-table="models"]', { has: page.getByTitle(name, { exact: true }) });

const chip = (page: Page, name: string) =>
  row(page, name).getByRole('button', { name: /^Forward localhost/ });

describeInBrowser('the models of the demo cluster', () => {
  const demo = useDemo();

  const openModels = async (options?: BrowserContextOptions) => {
    const opened = await demo.open(options);
    await scanned(opened.page);
    await show(opened.page, 'Models');
    return opened;
  };

  it('are of every engine and in every state', async () => {
    const { page, complaints } = await openModels();
    for (const [name, ...words] of [
      ['meta-llama/Llama-3.3-70B-Instruct', 'h100-01:8000', 'vLLM 0.11.0', 'Up'],
      ['microsoft/phi-4', 'a100-train-1:8000', 'Asleep'],
      ['Qwen/Qwen3-8B', 'l40s-dev:30000', 'SGLang 0.5.3'],
      ['gemma-3-12b-it-Q4_K_M.gguf', 'rtx-lab:8080', 'llama.cpp'],
      ['llama3.2:3b', 'cpu-build:11434', 'Ollama 0.12.3'],
      ['sql-assistant', 'adapter', 'l40s-dev:8000'],
    ] as const)
      for (const word of words) await expect.poll(() => row(page, name).textContent()).toContain(word);
    await page.getByRole('cell', { name: 'Locked' }).waitFor();
    // It began to load with the cluster.
    await expect.poll(() => row(page, 'google/gemma-3-27b-it').textContent()).toMatch(/Starting|Up/);
    expect(complaints).toEqual([]);
  });

  it.each([320, 700, 1280])('stand by model, fit, and are clean to axe: %i px', async (width) => {
    const { page, complaints } = await openModels({ viewport: { width, height: 800 } });
    await page.getByRole('button', { name: 'Group by model' }).click();
    await page.locator('[data-table="replicas"]').first().waitFor();
    await page.locator('[data-table="replicas"] .expander').first().click();
    await page.locator('.ReplicaTable__servers [data-table="models"]').first().waitFor();
    await expectSound(page);
    await screenshot(page, `models-grouped-${width}`);
    expect(complaints).toEqual([]);
  });

  it('are forwarded, copied from and stopped with the keyboard alone', async () => {
    const { page } = await openModels(withClipboard);
    await page.keyboard.press('/');
    await page.keyboard.type('Qwen3-30B');
    const forward = page.getByRole('button', { name: /^Forward Qwen\/Qwen3-30B-A3B on/ });
    await expect.poll(() => page.locator('[data-table="models"]').count()).toBe(1);
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      if (await forward.evaluate((element) => element === document.activeElement)) break;
    }
    await page.keyboard.press('Enter');
    await chip(page, 'Qwen/Qwen3-30B-A3B').waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await copied(page)).toMatch(/^http:\/\/localhost:\d+\/v1$/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await forward.waitFor();
  });

  it('give commands that work as they are pasted, and the pages about their API', async () => {
    const { page } = await openModels(withClipboard);
    const name = 'Qwen/Qwen2.5-Coder-32B-Instruct';
    await row(page, name)
      .getByRole('button', { name: /^Forward/ })
      .click();
    const choose = async (entry: string) => {
      await chip(page, name).click();
      await page.getByRole('menuitem', { name: entry }).click();
      return copied(page);
    };
    const base = await choose('Copy base URL');
    expect(await choose('Copy export')).toBe(`export OPENAI_BASE_URL=${base}`);
    expect(await choose('Copy Python')).toContain(`OpenAI(base_url="${base}", api_key="none")`);
    const curl = await choose('Copy curl');
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', curl.replace(/^curl/, 'curl -s')]);
    expect(JSON.parse(stdout)).toMatchObject({ model: name, choices: [{ message: { role: 'assistant' } }] });
    await chip(page, name).click();
    await screenshot(page, 'models-menu-light');
    const opening = page.context().waitForEvent('page');
    await page.getByRole('menuitem', { name: 'Open /docs' }).click();
    const docs = await opening;
    await docs.waitForURL(`${base.replace('/v1', '')}/docs`);
    expect(await docs.evaluate('window.opener')).toBeNull();
    await docs.close();
    // Both models of the server share its forward.
    await chip(page, 'sql-assistant').click();
    await page.getByRole('menuitem', { name: 'Stop forward' }).click();
    await row(page, name)
      .getByRole('button', { name: /^Forward Qwen/ })
      .waitFor();
  });

  it('answer a test prompt word by word, and stop when told to', async () => {
    const { page, complaints } = await openModels();
    await row(page, 'meta-llama/Llama-3.1-8B-Instruct').locator('.expander').click();
    await page.getByRole('button', { name: 'Send a test prompt' }).click();
    const dialog = page.getByRole('dialog', { name: 'Test prompt' });
    await dialog.getByLabel('Prompt').fill('What is it good for?');
    await page.keyboard.press('Control+Enter');
    const answer = dialog.getByRole('region', { name: /^Answer of meta-llama/ }).first();
    const lengths = new Set<number>();
    await expect
      .poll(async () => lengths.add((await answer.textContent())?.length ?? 0).size, { interval: 20 })
      .toBeGreaterThan(4);
    await dialog.getByText('Done', { exact: true }).waitFor();
    await dialog.getByText(/^\d+ tokens$/).waitFor();
    await dialog.getByText(/^[\d.]+ tok\/s$/).waitFor();
    expect(await answer.textContent()).toMatch(/^This is the demo cluster: /);
    await screenshot(page, 'test-prompt-light');
    await expectSound(page);
    await dialog.getByLabel('Model').selectOption({ label: 'Qwen/Qwen3-8B · l40s-dev:30000' });
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.getByRole('button', { name: 'Stop', exact: true }).click();
    await dialog.getByText('Stopped', { exact: true }).waitFor();
    await dialog.getByLabel('Model').selectOption({ label: 'microsoft/phi-4 · a100-train-1:8000' });
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog
      .getByText(/The engine is sleeping/)
      .first()
      .waitFor();
    expect(await dialog.getByRole('listitem').count()).toBe(3);
    expect(complaints).toEqual([]);
  });

  it('that are locked open with their key, and lock again without it', async () => {
    const { page } = await openModels();
    await page.getByRole('button', { name: 'Enter API key gh200:8000' }).click();
    const dialog = page.getByRole('dialog', { name: 'API key for gh200:8000' });
    await screenshot(page, 'api-key-light');
    await expectSound(page);
    await page.keyboard.type('demo');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await row(page, 'openai/gpt-oss-120b').locator('.expander').click();
    await page.getByText('sent to this server').waitFor();
    await page.getByRole('button', { name: 'Remove API key gh200:8000' }).click();
    await page.getByRole('button', { name: 'Enter API key gh200:8000' }).waitFor();
  });

  it('unfold their load and draw what it was', async () => {
    const { page, complaints } = await openModels({ viewport: { width: 1280, height: 1100 } });
    await row(page, 'deepseek-ai/DeepSeek-V3.1').locator('.expander').click();
    await page.getByRole('region', { name: 'Load of deepseek-ai/DeepSeek-V3.1' }).waitFor();
    const charts = page.getByRole('region', { name: 'History of deepseek-ai/DeepSeek-V3.1' });
    await expect.poll(() => charts.locator('canvas').count()).toBe(4);
    await expectSound(page);
    await screenshot(page, 'models-details-light');
    expect(complaints).toEqual([]);
  });

  it('stand by the column that was pressed, also after a reload', async () => {
    const { page } = await openModels();
    const header = page.getByRole('columnheader', { name: /^Model/ });
    await header.getByRole('button').click();
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
    const first = () => page.locator('[data-table="models"] .Name__cutName').first().getAttribute('title');
    expect(await first()).toBe('deepseek-ai/DeepSeek-V3.1');
    await page.reload();
    await page.locator('[data-table="models"]').first().waitFor();
    expect(await first()).toBe('deepseek-ai/DeepSeek-V3.1');
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
  });

  it.each([
    ['light', 600],
    ['dark', 900],
    ['light', 1280],
    ['dark', 1600],
  ] as const)('are clean to axe and fit, %s, %i px wide', async (colorScheme, width) => {
    const { page } = await openModels({ colorScheme, viewport: { width, height: 900 } });
    await row(page, 'deepseek-ai/DeepSeek-V3.1').locator('.expander').click();
    await page.getByRole('region', { name: /^History of/ }).waitFor();
    await expectSound(page);
    await screenshot(page, `models-${colorScheme}-${width}`);
  });
});

describeInBrowser('very many models, and hostile ones', () => {
  const { store, open } = useFleet({ hosts: 1200, gpus: 1 });

  it('keep only the rows in view in the page, and lead to one that is asked for', async () => {
    const { page } = await open();
    await page.evaluate(`location.hash = '#models'`);
    await page.getByText('org/model-gpu-0000').first().waitFor();
    expect(await page.locator('[data-table="models"]').count()).toBeLessThan(60);
    await page.evaluate(`location.hash = '#models/gpu-1196%3A8000'`);
    await expect.poll(() => page.evaluate(`document.activeElement.textContent`)).toBe('org/model-gpu-1196');
    expect(await page.locator('[data-table="models"][data-marked="true"]').count()).toBe(1);
  });

  it.each([600, 1280])('stay text in a layout that holds, %i px wide', async (width) => {
    const hostId = 'gpu-0000';
    const ids = [
      '<img src=x onerror="window.broken=1"><script>window.broken=1</script>',
      '\u202eevil\u2066 \u200f שלום עולם',
      'x'.repeat(100_000),
      ' ',
    ];
    const servers = ids.map((id, at) => ({
      ...aServer,
      id: `${hostId}:${8000 + at}`,
      hostId,
      port: 8000 + at,
      version: id,
      models: [{ id, maxModelLen: 9, parent: null }],
    }));
    store().apply({ kind: 'servers-found', hostId, servers });
    const { page, complaints } = await open({ viewport: { width, height: 800 } });
    await page.evaluate(`location.hash = '#models'`);
    await page.getByText(`${hostId}:8003`).first().waitFor();
    const heights = await page
      .locator('[data-table="models"]')
      .evaluateAll((rows) => rows.slice(0, 4).map((one) => Math.round(one.getBoundingClientRect().height)));
    expect(new Set(heights).size).toBe(1);
    await page.locator('[data-table="models"] .expander').first().click();
    await page.getByText('Listens at').waitFor();
    await expectNoOverflow(page);
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.evaluate('window.broken')).toBeUndefined();
    expect(complaints).toEqual([]);
    await screenshot(page, `models-hostile-${width}`);
  });
});
