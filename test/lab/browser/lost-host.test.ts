/** A host that is killed and comes back, as the window and the terminal show it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type App,
  chromiumMissing,
  launchBrowser,
  openPage,
  screenshot,
  startApp,
} from '../../support/browser/app.ts';
import { show, violations } from '../../support/browser/checks.ts';
import { signalAll } from '../../support/processes.ts';
import { type Fleet, startFleet } from '../fleet.ts';
import { namespacesMissing } from '../namespaces.ts';
import { sshdProcesses } from '../sshd-processes.ts';
import { networkSettled } from './network-settled.ts';

const missing = namespacesMissing() ?? chromiumMissing;
if (missing !== null) console.log(`skipped: ${missing}`);

const cli = fileURLToPath(new URL('../../../build/vllm-tray.mjs', import.meta.url));
const free = { name: 'NVIDIA H100', utilPct: 0, memUsedMiB: 10, memTotalMiB: 81_920 };
const lost = /^Host lost, \d+:\d\d ago$/;

describe.skipIf(missing !== null)('a host that is killed and comes back', () => {
  let fleet: Fleet;
  let app: App;
  let browser: Browser;

  beforeAll(async () => {
    fleet = await startFleet([
      {
        alias: 'dying',
        gpus: [free, { ...free, utilPct: 80, memUsedMiB: 70_000 }],
        models: [
          { port: 8000, id: 'org/llama' },
          { port: 8001, id: 'org/qwen' },
        ],
      },
      { alias: 'healthy', gpus: [free], models: [{ port: 8000, id: 'org/mistral' }] },
    ]);
    await networkSettled();
    [app, browser] = await Promise.all([startApp(['--ssh-config', fleet.sshConfigPath]), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
    await fleet?.stop();
  });

  const kill = async (): Promise<void> => {
    const { listener, sessions } = await sshdProcesses(fleet.namespaceOf('dying'));
    signalAll([...listener, ...sessions], 'SIGKILL');
  };
  const model = (page: Page, name: string) =>
    page.locator('[data-table="models"]').filter({ has: page.getByText(name, { exact: true }) });
  const cells = (page: Page, name: string) => model(page, name).locator('td.number').allTextContents();

  it('is lost in every view of the window, and is there again', async () => {
    const { page, complaints } = await openPage(browser, app.url);
    await page.getByText(/^Scanned 2 hosts in /).waitFor();
    await page.getByText('2 idle of 3 GPUs').waitFor();
    await show(page, 'Models');
    await model(page, 'org/llama').getByText('Up').filter({ visible: true }).waitFor();
    await page.getByRole('button', { name: 'Forward org/qwen on dying:8001' }).click();
    await page.getByRole('button', { name: /^Forward localhost:\d+, listening$/ }).waitFor();
    await page.getByText('3 models').waitFor();

    await kill();
    await model(page, 'org/llama').getByText(lost).filter({ visible: true }).waitFor();
    await page.getByText('1 idle of 1 GPU').waitFor();
    await page.getByText(/^1 model\b/).waitFor();
    // The context length is no live number.
    expect(new Set((await cells(page, 'org/llama')).slice(1))).toEqual(new Set(['–']));
    const button = page.getByRole('button', { name: 'Forward org/llama on dying:8000' });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    expect(await button.getAttribute('title')).toContain('The host has stopped answering');
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'lost-host-models-light');

    await show(page, 'Forwards');
    const stop = page.getByRole('button', { name: 'Stop forward to dying:8001' });
    const forward = page.getByRole('row').filter({ has: stop });
    await forward.getByText('Reconnecting').filter({ visible: true }).waitFor();
    await screenshot(page, 'lost-host-forwards-light');

    await show(page, 'GPUs');
    const row = page.locator('[data-key="dying"]');
    expect(await row.locator('.FoldableTable__apart').innerText()).toMatch(/–$/);
    expect(await row.innerText()).toContain('– of 2 free');
    await page.getByRole('button', { name: 'Find free GPUs' }).click();
    await page.getByText('1 matching free GPU on 1 host, best fit first').waitFor();
    await page.keyboard.press('Escape');
    await row.getByRole('button', { name: 'dying', exact: true }).click();
    const table = page.getByRole('table', { name: 'GPUs of dying' });
    await table.getByText('Unknown').first().waitFor();
    expect(await table.innerText()).not.toMatch(/80 %|68\.4/);
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot(page, 'lost-host-gpus-dark');
    await show(page, 'Models');
    await screenshot(page, 'lost-host-models-dark');

    fleet.restartSshd('dying');
    await model(page, 'org/llama').getByText('Up').filter({ visible: true }).waitFor({ timeout: 60_000 });
    await page.getByText('2 idle of 3 GPUs').waitFor();
    await page.getByText('3 models').waitFor();
    await page.getByRole('button', { name: /^Forward localhost:\d+, listening$/ }).waitFor();

    // A forward that is closed takes its row along, and does not wait for the next look.
    await show(page, 'Forwards');
    await stop.click();
    await page.getByText('No forward is open').waitFor();
    expect(await stop.count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('is null in what the terminal prints, and is there again', async () => {
    const gpus = follow(['gpu-idle-top', '--json', '--ssh-config', fleet.sshConfigPath]);
    const busy = () => gpus.last()?.hosts?.[0]?.gpus?.[1];
    await expect
      .poll(busy, { timeout: 60_000 })
      .toMatchObject({ utilPct: 80, memUsedMiB: 70_000, idle: false });
    await kill();
    await expect
      .poll(busy, { timeout: 60_000 })
      .toMatchObject({ utilPct: null, memUsedMiB: null, memTotalMiB: 81_920, idle: null });
    expect(gpus.last()?.hosts?.[0]).toMatchObject({ alias: 'dying', state: { kind: 'stale' } });
    fleet.restartSshd('dying');
    await expect.poll(busy, { timeout: 60_000 }).toMatchObject({ utilPct: 80 });
    await gpus.end();
  });
});

interface Followed {
  /** The latest whole line that it printed. */
  last(): { readonly hosts?: readonly { readonly gpus?: readonly object[] }[] } | undefined;
  end(): Promise<void>;
}

/** The terminal face as a process of its own, with a command that prints one object a line. */
function follow(args: readonly string[]): Followed {
  const child: ChildProcess = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return {
    last() {
      const line = text.split('\n').at(-2);
      return line === undefined ? undefined : JSON.parse(line);
    },
    async end() {
      const ended = once(child, 'close');
      child.kill('SIGINT');
      await ended;
    },
  };
}
