import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../lab/sshd.ts';
import { expectFree, expectModelThrough } from '../lab/through.ts';
import { screenshot } from './app.ts';
import { expectNoOverflow, expectSound, scanned, show } from './checks.ts';
import { describeInBrowser, useDemo, useFleet, withClipboard } from './hooks.ts';

const hasTmux = spawnSync('tmux', ['-V']).error === undefined;
if (!hasTmux) console.log('skipped: there is no tmux here; install tmux');

const row = (page: Page, remote: string) =>
  page.locator('.forward-row', { has: page.getByRole('button', { name: remote, exact: true }) });

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
    await row(page, 'h100-03:8001').getByText('2 in all').waitFor();
    await row(page, 'h100-03:8001').locator('.expander').click();
    await page.getByText('opened by you').waitFor();
    await page.getByText('No error since the latest connection that worked.').waitFor();
    await screenshot(page, 'forwards-details-light');
    await expectSound(page);
    await page.getByRole('button', { name: 'Stop forward to h100-03:8001' }).click();
    await page.getByText('No forward is open').waitFor();
    await expectFree(port);
    expect(complaints).toEqual([]);
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
    await page.getByRole('button', { name: `Keep port ${port} for this target alone` }).click();
    await page.getByRole('button', { name: `Port ${port} is kept for this target; let it go` }).waitFor();
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
    expect(await page.locator('.forward-row').count()).toBe(2);
    await page.getByRole('button', { name: 'Stop all' }).click();
    await dialog.getByRole('button', { name: 'Stop all' }).click();
    await page.getByText('No forward is open').waitFor();
    await expectFree(port);
  });

  it.skipIf(!hasTmux)('open as a tmux session, which ends only after a yes', async () => {
    const { page } = await openForwards(withClipboard);
    const elsewhere = page.getByRole('region', { name: 'Elsewhere' });
    const form = page.getByRole('form', { name: 'Open a forward' });
    await form.getByLabel('Host').selectOption('rtx-lab');
    await form.getByLabel('Remote port').fill('8000');
    await form.getByRole('button', { name: 'As a tmux session' }).click();
    await page.getByText(/^A tmux session forwards localhost:/).waitFor();
    const [session = ''] = await sessions();
    expect(session).toMatch(/^vllmctl_rtx-lab_8000_\d+$/);
    const held = elsewhere.locator('tr', { hasText: session });
    await held.getByText('Answering').waitFor();
    await held.getByText('meta-llama/Llama-3.1-8B-Instruct').waitFor();
    await elsewhere.getByRole('button', { name: `Copy the command that attaches to ${session}` }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`tmux attach -t '=${session}'`);

    const local = page.getByRole('region', { name: 'On this computer' });
    await local.getByRole('button', { name: /^Refresh/ }).click();
    await local.getByText(`tmux ${session}`).waitFor();
    await screenshot(page, 'forwards-elsewhere-light');

    await elsewhere.getByRole('button', { name: `End the tmux session ${session}` }).click();
    const dialog = page.getByRole('dialog', { name: `End the tmux session ${session}?` });
    await expectSound(page);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await sessions()).toEqual([session]);
    await elsewhere.getByRole('button', { name: `End the tmux session ${session}` }).click();
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
    const elsewhere = page.getByRole('region', { name: 'Elsewhere' });
    await elsewhere.getByRole('button', { name: /^Refresh/ }).click();
    await elsewhere.getByRole('button', { name: 'Clean 1 dead' }).click();
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

describeInBrowser('forwards of hostile names', () => {
  const { store, open } = useFleet({ hosts: 2, gpus: 1 });

  it.each([600, 1280])('stay text in a layout that holds, %i px wide', async (width) => {
    const names = [
      '<img src=x onerror="window.broken=1">',
      '\u202eevil\u2066 \u200f שלום',
      'x'.repeat(100_000),
    ];
    const failure = (detail: string) => ({
      code: 'target-refused' as const,
      step: 'forward' as const,
      detail,
      command: detail,
      nextAttemptAt: null,
    });
    for (const [at, name] of names.entries())
      store().apply({
        kind: 'forward-changed',
        forward: {
          id: `gpu-0000:${at}`,
          hostId: name,
          remoteAddress: name,
          remotePort: at,
          localPort: 16_100 + at,
          origin: 'user',
          pinned: false,
          state: { kind: 'retrying', failure: failure(name) },
          health: { kind: 'unknown' },
          since: 1,
          traffic: { openConnections: 0, totalConnections: 0, bytesIn: 1e15, bytesOut: 1e15 },
          lastError: null,
        },
      });
    store().apply({
      kind: 'parts-changed',
      parts: {
        elsewhere: {
          tmux: 'available',
          processes: 'available',
          lookedAt: 1,
          forwards: names.map((name, at) => ({
            id: `ssh ${at}`,
            owner:
              at === 1
                ? { kind: 'tmux', session: name }
                : { kind: 'ssh', pid: at, command: name, startedAt: 1 },
            destination: name,
            hostId: null,
            localAddress: name,
            localPort: at + 1,
            remoteAddress: name,
            remotePort: 65_535,
            models: [name, name],
            state: at === 0 ? { kind: 'dead', failure: failure(name) } : { kind: 'answering' },
          })),
        },
        localServers: names.map((name, at) => ({
          port: at + 1,
          address: name,
          engine: null,
          version: name,
          models: [name],
          state: { kind: 'up' },
          owner: { kind: 'process', pid: 1, command: name },
        })),
      },
    });
    const { page, complaints } = await open({ viewport: { width, height: 900 } });
    await page.evaluate(`location.hash = '#forwards'`);
    await page.locator('.forward-row').nth(2).waitFor();
    const heights = await page
      .locator('.forward-row')
      .evaluateAll((rows) => rows.map((one) => Math.round(one.getBoundingClientRect().height)));
    expect(new Set(heights).size).toBe(1);
    await page.locator('.forward-row .expander').first().click();
    await page.locator('.details').waitFor();
    await expectNoOverflow(page);
    expect(await page.locator('.main img').count()).toBe(0);
    expect(await page.evaluate('window.broken')).toBeUndefined();
    expect(complaints).toEqual([]);
    await screenshot(page, `forwards-hostile-${width}`);
  });
});
