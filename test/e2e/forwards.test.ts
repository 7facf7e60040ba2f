import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { screenshot } from '../support/browser/app.ts';
import { expectSound, scanned, show } from '../support/browser/checks.ts';
import { describeInBrowser, useDemo, withClipboard } from '../support/browser/hooks.ts';
import { freePort } from '../support/ssh/sshd.ts';
import { expectFree, expectModelThrough } from '../support/through.ts';

const hasTmux = spawnSync('tmux', ['-V']).error === undefined;
if (!hasTmux) console.log('skipped: there is no tmux here; install tmux');

const row = (page: Page, remote: string) =>
  page.locator('[data-table="forwards"]', { has: page.getByRole('button', { name: remote, exact: true }) });

const portOf = async (page: Page, remote: string): Promise<number> => {
  const name = await row(page, remote)
    .getByRole('button', { name: /^Forward localhost/ })
    .getAttribute('title');
  return Number(/localhost:(\d+)/.exec(name ?? '')?.[1]);
};

/** Opens a forward by the form, with the keyboard alone. */
async function openByHand(page: Page, host: string, port: number): Promise<void> {
  const form = page.getByRole('form', { name: 'Open a forward' });
  await form.getByLabel('Host').selectOption(host);
  await form.getByLabel('Remote port').focus();
  await page.keyboard.type(String(port));
  await page.keyboard.press('Enter');
  await row(page, `${host}:${port}`).getByText('Model answers').filter({ visible: true }).waitFor();
}

describeInBrowser('forwards from the demo cluster', () => {
  /** Of tmux servers of our own, which see nothing of anybody's. */
  let sockets: string;

  const tmux = async (...args: readonly string[]): Promise<string> => {
    const { TMUX: _ours, ...env } = process.env;
    const { stdout } = await promisify(execFile)('tmux', [...args], {
      env: { ...env, TMUX_TMPDIR: sockets },
    });
    return stdout;
  };
  const sessions = async (): Promise<readonly string[]> => {
    const names = await tmux('list-sessions', '-F', '#{session_name}').catch(() => '');
    return names.split('\n').filter((name) => name !== '');
  };

  beforeAll(() => {
    sockets = mkdtempSync(path.join(tmpdir(), 'vllm-tray-tmux-'));
  });
  afterAll(async () => {
    if (hasTmux) await tmux('kill-server').catch(() => undefined);
    rmSync(sockets, { recursive: true, force: true });
  });

  const demo = useDemo(() => ({ TMUX_TMPDIR: sockets, TMUX: '' }));
  const openForwards = async (options?: BrowserContextOptions) => {
    const opened = await demo.open(options);
    await scanned(opened.page);
    await show(opened.page, 'Forwards');
    return opened;
  };

  it('say that the model answers, count what flows, and unfold all that is known', async () => {
    const { page, complaints } = await openForwards();
    await openByHand(page, 'h100-03', 8001);
    const port = await portOf(page, 'h100-03:8001');
    await expectModelThrough(`http://localhost:${port}`, 'Qwen/Qwen3-30B-A3B');
    // Any copy of the app on this computer may ask the port too, and a client may use a connection twice.
    await row(page, 'h100-03:8001')
      .getByText(/^[1-9]\d* total$/)
      .waitFor();
    await row(page, 'h100-03:8001').locator('.expander').click();
    await page.getByText('opened by you').waitFor();
    await page.getByText('No errors since the last successful connection.').waitFor();
    await screenshot(page, 'forwards-details-light');
    await expectSound(page);
    await page.getByRole('button', { name: 'Stop forward to h100-03:8001' }).click();
    await page.getByText('No forward is open').waitFor();
    await expectFree(port);
    expect(complaints).toEqual([]);
  });

  it('at a local port that is taken are refused with who has it and which one is free', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise((resolve) => void holder.close(() => resolve())));
    const { port } = holder.address() as AddressInfo;
    const { page } = await openForwards({ colorScheme: 'dark' });
    const form = page.getByRole('form', { name: 'Open a forward' });
    await form.getByLabel('Host').selectOption('h100-02');
    await form.getByLabel('Remote port').fill('8000');
    await form.getByLabel('Local port').fill(String(port));
    await page.keyboard.press('Enter');
    const says = new RegExp(`${port} is (held by .* \\(pid ${process.pid}\\)|taken); \\d+ is free`);
    await form.getByRole('alert').getByText(says).waitFor();
    await screenshot(page, 'forwards-busy-port-dark');
    await expectSound(page);
  });

  it('that were stopped all at once come back under their ports', async () => {
    const { page } = await openForwards();
    await openByHand(page, 'h100-01', 8000);
    await openByHand(page, 'h200-01', 8000);
    const ports = await Promise.all(['h100-01:8000', 'h200-01:8000'].map((id) => portOf(page, id)));
    const stopAll = async () => {
      await page.getByRole('button', { name: 'Stop all' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Stop all' }).click();
      await page.getByText('No forward is open').waitFor();
    };
    await stopAll();
    await page.getByText('Stopped 2 forwards').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page, 'h100-01:8000').waitFor();
    await row(page, 'h200-01:8000').waitFor();
    expect(await Promise.all(['h100-01:8000', 'h200-01:8000'].map((id) => portOf(page, id)))).toEqual(ports);
    await stopAll();
  });

  it('to a port where nothing listens say so, in the row and in full', async () => {
    const { page } = await openForwards();
    const form = page.getByRole('form', { name: 'Open a forward' });
    await form.getByLabel('Host').selectOption('h100-02');
    await form.getByLabel('Remote port').fill('7777');
    await page.keyboard.press('Enter');
    await row(page, 'h100-02:7777')
      .getByText('Nothing listens on the remote port')
      .filter({ visible: true })
      .waitFor();
    await row(page, 'h100-02:7777').locator('.expander').click();
    await page.getByText('Start the server there, then try again.').first().waitFor();
    await page.getByRole('button', { name: 'Stop forward to h100-02:7777' }).click();
  });

  it('keep their port while they are closed, when told to', async () => {
    const { page } = await openForwards();
    await openByHand(page, 'h100-01', 8000);
    const port = await portOf(page, 'h100-01:8000');
    await page.getByRole('button', { name: `Reserve port ${port} for this target` }).click();
    await page.getByRole('button', { name: `Release reserved port ${port}` }).waitFor();
    await page.getByRole('button', { name: 'Stop forward to h100-01:8000' }).click();
    await page.getByText('No forward is open').waitFor();
    await openByHand(page, 'h200-01', 8000);
    expect(await portOf(page, 'h200-01:8000')).not.toBe(port);
    await openByHand(page, 'h100-01', 8000);
    expect(await portOf(page, 'h100-01:8000')).toBe(port);

    await page.getByRole('button', { name: 'Stop all' }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop 2 forwards?' });
    await screenshot(page, 'forwards-stop-all-light');
    await expectSound(page);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.locator('[data-table="forwards"]').count()).toBe(2);
    await page.getByRole('button', { name: 'Stop all' }).click();
    await dialog.getByRole('button', { name: 'Stop all' }).click();
    await page.getByText('No forward is open').waitFor();
    await expectFree(port);
  });

  it.skipIf(!hasTmux)('open as a tmux session, which ends only after a yes', async () => {
    const { page } = await openForwards(withClipboard);
    const others = page.getByRole('region', { name: 'Other forwards' });
    const form = page.getByRole('form', { name: 'Open a forward' });
    await form.getByLabel('Host').selectOption('rtx-lab');
    await form.getByLabel('Remote port').fill('8000');
    await form.getByRole('button', { name: 'As a tmux session' }).click();
    await page.getByText(/^A tmux session forwards localhost:/).waitFor();
    const [session = ''] = await sessions();
    expect(session).toMatch(/^vllmctl_rtx-lab_8000_\d+$/);
    const held = others.locator('tr', { hasText: session });
    await held.getByText('Answering').waitFor();
    await held.getByText('meta-llama/Llama-3.1-8B-Instruct').waitFor();
    await others.getByRole('button', { name: `Copy the command that attaches to ${session}` }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`tmux attach -t '=${session}'`);

    const local = page.getByRole('region', { name: 'Local servers' });
    await others.getByRole('button', { name: /^Refresh/ }).click();
    await local.getByText(`tmux ${session}`).waitFor();
    await screenshot(page, 'forwards-other-light');

    await others.getByRole('button', { name: `End the tmux session ${session}` }).click();
    const dialog = page.getByRole('dialog', { name: `End the tmux session ${session}?` });
    await expectSound(page);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await sessions()).toEqual([session]);
    await others.getByRole('button', { name: `End the tmux session ${session}` }).click();
    await dialog.getByRole('button', { name: 'End session' }).click();
    // Beside it may be any number of forwards of people.
    await held.waitFor({ state: 'detached' });
    expect(await sessions()).toEqual([]);
  });

  it.skipIf(!hasTmux)('that are dead are listed with the reason before they are ended', async () => {
    const session = `vllmctl_h100-01_8000_${await freePort()}`;
    await tmux('new-session', '-d', '-s', session, '--', 'sleep', '600');
    await tmux('new-session', '-d', '-s', 'my-own-work', '--', 'sleep', '600');
    const { page } = await openForwards();
    const others = page.getByRole('region', { name: 'Other forwards' });
    await others.getByRole('button', { name: /^Refresh/ }).click();
    await others.getByRole('button', { name: 'Remove 1 dead' }).click();
    const dialog = page.getByRole('dialog', { name: 'End 1 dead tmux session?' });
    await dialog.getByText(session).waitFor();
    await dialog.getByText(/Nothing listens on its local port/).waitFor();
    await expectSound(page);
    await dialog.getByRole('button', { name: 'End 1 session' }).click();
    await page.getByText('Ended 1 dead tmux session').waitFor();
    expect(await sessions()).toEqual(['my-own-work']);
  });

  it.each([
    ['dark', 600],
    ['light', 900],
    ['dark', 1280],
    ['light', 1600],
  ] as const)('are clean to axe and fit, %s, %i px wide', async (colorScheme, width) => {
    const { page } = await openForwards({ colorScheme, viewport: { width, height: 900 } });
    await openByHand(page, 'h100-03', 8000);
    await openByHand(page, 'h200-01', 8000);
    await row(page, 'h100-03:8000').locator('.expander').click();
    await expectSound(page);
    await screenshot(page, `forwards-${colorScheme}-${width}`);
    await page.getByRole('button', { name: 'Stop all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop all' }).click();
    await page.getByText('No forward is open').waitFor();
  });
});
