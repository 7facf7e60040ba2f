import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { chromiumMissing, launchBrowser, openPage } from '../support/browser/app.ts';
import { scanned } from '../support/browser/checks.ts';
import { sshdAvailable } from '../support/ssh/sshd.ts';
import { expectFree, expectModelThrough } from '../support/through.ts';
import { knownHostsFile, type LabHost, otherLine, startLabHost, writeSshFiles } from './lab-host.ts';
import { describeOnWindows, folders, makeFolder, printed, type Running, startOnWindows } from './programs.ts';

const available = chromiumMissing === null && sshdAvailable();
if (chromiumMissing !== null) console.log(`skipped: ${chromiumMissing}`);
const test = it.skipIf(!available);

const startFace = async (...args: readonly string[]): Promise<{ face: Running; url: string }> => {
  const face = startOnWindows('web', ['--no-open', ...args]);
  return { face, url: await printed(face, /http:\/\/127\.0\.0\.1:\d+\/\S+/) };
};

describeOnWindows('the browser face on Windows', () => {
  let host: LabHost;
  beforeAll(async () => {
    if (!available) return;
    host = await startLabHost();
    await writeSshFiles(host, 'unknown');
    const settings = { welcomed: true, language: 'en' };
    writeFileSync(join(makeFolder(folders.settings), 'config.json'), JSON.stringify(settings));
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await host?.stop();
  });
  let browser: Browser;
  const open = async (url: string) => {
    const opened = await openPage(browser, url);
    onTestFinished(() => opened.page.context().close());
    return opened;
  };

  test('accepts a host key, keeps the other lines as they are, forwards a model, and quits', async () => {
    const { face, url } = await startFace();
    const { page, complaints } = await open(url);
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Accept 1 key' }).click();
    await page.getByText(/1 of 1 hosts?/).waitFor();
    const lines = readFileSync(knownHostsFile(), 'utf8').split('\n');
    expect(lines[0]).toBe(`${otherLine}\r`);
    expect(lines.map((line) => line.trim())).toContain(host.sshd.knownHostsLine);

    await page.getByRole('navigation').getByRole('link', { name: 'Models' }).click();
    await page.getByRole('button', { name: new RegExp(`^Forward ${host.model} on`) }).click();
    const chip = page.getByRole('button', { name: /^Forward localhost:\d+, listening$/ });
    const port = Number(/localhost:(\d+)/.exec((await chip.getAttribute('aria-label')) ?? '')?.[1]);
    await expectModelThrough(`http://127.0.0.1:${port}`, host.model);
    expect(complaints).toEqual([]);
    face.interrupt();
    expect((await face.ended).code).toBe(0);
    await expectFree(port);
  });

  test('shows the demo cluster, and two copies keep the settings of each other', async () => {
    const [first, second] = await Promise.all([startFace('--demo'), startFace('--demo')]);
    const pages = [await open(first.url), await open(second.url)] as const;
    const [{ page: one }, { page: other }] = pages;
    await scanned(one);
    await one.getByText(/12 of 15 hosts/).waitFor();
    for (const page of [one, other]) {
      await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Settings' }).click();
      await page.getByRole('navigation', { name: 'Section' }).getByRole('link', { name: 'Scanning' }).click();
    }
    const seconds = 'While the window is shown';
    await one.getByLabel(seconds).fill('3.5');
    await one.keyboard.press('Enter');
    await vi.waitFor(async () => expect(await other.getByLabel(seconds).inputValue()).toBe('3.5'), {
      timeout: 20_000,
    });
    const file = join(folders.settings, 'config.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ cadence: { gpusMs: 3500 } });
    expect(pages.map(({ complaints }) => complaints)).toEqual([[], []]);
    for (const { face } of [first, second]) {
      face.interrupt();
      expect((await face.ended).code).toBe(0);
    }
  });
});
