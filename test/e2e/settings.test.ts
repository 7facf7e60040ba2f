import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { createConfigHome, screenshot, startApp } from '../support/browser/app.ts';
import { overflowPx, violations } from '../support/browser/checks.ts';
import { describeInBrowser, useBrowser, useDemo } from '../support/browser/hooks.ts';

const sections = [
  'Hosts',
  'Groups',
  'Sources',
  'Scanning',
  'What counts as idle',
  'Model servers',
  'Forwards',
  'Notifications',
  'History',
  'Appearance',
  'Desktop',
  'Backup and reset',
  'About',
] as const;

/** A configuration of the demo alone, in a folder that is removed when the test is over. */
function ownConfig(settings: object = {}) {
  const home = createConfigHome(settings);
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const file = path.join(home, 'vllm-tray', 'config.json');
  return { home, file, stored: () => JSON.parse(readFileSync(file, 'utf8')) };
}

async function openSettings(page: Page, section: (typeof sections)[number]): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('navigation', { name: 'Section' }).getByRole('link', { name: section }).click();
  await page.getByRole('heading', { level: 2, name: section }).waitFor();
}

describeInBrowser('settings in a real browser', () => {
  const { open } = useBrowser();

  it('survive a restart: a number, a host that is off, a rule', async () => {
    const { home, stored } = ownConfig();
    const first = await startApp(['--demo'], home);
    onTestFinished(async () => void (await first.stop()));
    const { page, complaints } = await open(first.url);
    await openSettings(page, 'Scanning');
    await page.getByLabel('While the window is shown').fill('2.5');
    await page.keyboard.press('Enter');
    await openSettings(page, 'Hosts');
    await page.getByRole('switch', { name: /^h100-02/ }).click();
    await page.getByText('14 of 15 hosts switched on').waitFor();
    await openSettings(page, 'Notifications');
    await page.getByRole('button', { name: 'Add a rule' }).click();
    await page.getByRole('menuitem', { name: 'GPUs are free' }).click();
    await page.getByLabel('Number of GPUs').fill('4');
    await page.getByLabel('GPU kind').fill('H100');
    await page.getByLabel('Minimum memory per GPU').fill('40');
    await screenshot(page, 'settings-rule-light');
    await page.getByRole('button', { name: 'Save rule' }).click();
    await page.getByText('H100 · 40 GiB or more · on all hosts · once').waitFor();
    expect(stored()).toMatchObject({
      cadence: { gpusMs: 2500 },
      excludedHosts: ['h100-02'],
      notifications: {
        rules: [
          {},
          { kind: 'launch' },
          { kind: 'gpus-free', atLeast: 4, counted: 'one-host', gpu: 'H100', memGiB: 40 },
        ],
      },
    });
    expect(complaints).toEqual([]);
    expect(await first.stop()).toBe(0);
    await page.context().close();

    const second = await startApp(['--demo'], home);
    onTestFinished(async () => void (await second.stop()));
    const { page: again } = await open(second.url);
    await again.getByText(/^Scanned 14 hosts in /).waitFor();
    await openSettings(again, 'Scanning');
    expect(await again.getByLabel('While the window is shown').inputValue()).toBe('2.5');
    await openSettings(again, 'Hosts');
    expect(await again.getByRole('switch', { name: /^h100-02/ }).isChecked()).toBe(false);
    await openSettings(again, 'Notifications');
    await again.getByText('4 GPUs are free on one host').waitFor();
  });

  it('of a broken file are the defaults; the file is kept, and the window says so', async () => {
    const { home, file } = ownConfig();
    writeFileSync(file, '{"theme": "dark", ');
    const app = await startApp(['--demo'], home);
    onTestFinished(async () => void (await app.stop()));
    expect(readFileSync(`${file}.broken`, 'utf8')).toBe('{"theme": "dark", ');
    const { page } = await open(app.url);
    await openSettings(page, 'About');
    const problem = page.getByRole('region', { name: 'Problems with the settings' });
    await problem.getByText(/config\.json is not JSON; it is kept as .*config\.json\.broken/).waitFor();
    await page.getByRole('button', { name: 'Dismiss configuration problems' }).click();
    await problem.waitFor();
    await screenshot(page, 'settings-broken-light');
  });

  it('of a value that is not usable cost only that value', async () => {
    const { home } = ownConfig({ limits: { hosts: 'many', handshakes: 3 } });
    const app = await startApp(['--demo'], home);
    onTestFinished(async () => void (await app.stop()));
    const { page } = await open(app.url);
    await openSettings(page, 'Scanning');
    await page.getByText('limits.hosts', { exact: true }).first().waitFor();
    expect(await page.getByLabel('Hosts in a scan').inputValue()).toBe('16');
    expect(await page.getByLabel('Logins', { exact: true }).inputValue()).toBe('3');
  });
});

describeInBrowser('the settings of one app', () => {
  const { open } = useDemo();

  it('apply at once, in every page: language, theme, contrast', async () => {
    const { page } = await open();
    const { page: other } = await open();
    const look = () => other.evaluate('JSON.stringify({ ...document.documentElement.dataset })');
    const dashed = () =>
      other.evaluate('getComputedStyle(document.documentElement).getPropertyValue("--series-dashed").trim()');
    expect(await dashed()).toBe('0');
    await openSettings(page, 'Appearance');
    await page.getByLabel('Theme', { exact: true }).selectOption('dark');
    await page.getByLabel('Contrast').selectOption('more');
    await expect.poll(look).toBe('{"theme":"dark","contrast":"more"}');
    expect(await dashed()).toBe('1');
    await page.getByLabel('Language').selectOption('ru');
    await page.getByRole('heading', { level: 2, name: 'Внешний вид' }).waitFor();
    await other.getByRole('link', { name: 'Модели' }).waitFor();
    expect(await other.evaluate('document.documentElement.lang')).toBe('ru');
    await screenshot(page, 'settings-appearance-ru-dark-more');
    await page.getByLabel('Язык').selectOption('en');
    await page.getByLabel('Theme', { exact: true }).selectOption('system');
    await page.getByLabel('Contrast').selectOption('system');
    await expect.poll(look).toBe('{}');
  });

  it('go to a file and come back, and a reset can be undone', async () => {
    const { page, complaints } = await open({ acceptDownloads: true });
    await openSettings(page, 'What counts as idle');
    await page.getByLabel('Utilisation at most').fill('12.5');
    await page.keyboard.press('Enter');
    await openSettings(page, 'Backup and reset');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('vllm-tray-settings.json');
    const file = await download.path();
    expect(JSON.parse(readFileSync(file, 'utf8')).idleRule.maxUtilPct).toBe(12.5);

    const idlePct = async () => {
      await openSettings(page, 'What counts as idle');
      return page.getByLabel('Utilisation at most').inputValue();
    };
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByText('Settings reset to defaults').waitFor();
    expect(await idlePct()).toBe('5');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(idlePct).toBe('12.5');

    await page.getByLabel('Utilisation at most').fill('7');
    await page.keyboard.press('Enter');
    await openSettings(page, 'Backup and reset');
    await page.locator('input[type="file"]').setInputFiles(file);
    await page.getByText('Settings imported').waitFor();
    expect(await idlePct()).toBe('12.5');
    await openSettings(page, 'Backup and reset');
    const broken = {
      name: 'broken.json',
      mimeType: 'application/json',
      buffer: Buffer.from('{"theme":"pink"}'),
    };
    await page.locator('input[type="file"]').setInputFiles(broken);
    await page.getByText('theme', { exact: true }).waitFor();
    await screenshot(page, 'settings-import-light');
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await expect.poll(idlePct).toBe('12.5');
    expect(complaints).toEqual([]);
  });

  it('save the scan and the history as files', async () => {
    const { page } = await open({ acceptDownloads: true });
    await page.getByText(/^Scanned \d+ hosts in /).waitFor();
    await openSettings(page, 'History');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Current scan as CSV' }).click(),
    ]);
    expect(readFileSync(await download.path(), 'utf8')).toMatch(/^host,state,.*\r\n/);
  });

  it('are reached and changed with the keyboard alone', async () => {
    const { page } = await open();
    await page.getByRole('link', { name: 'GPUs' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await screenshot(page, 'keyboard-light');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByRole('heading', { level: 2, name: 'Hosts' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('gh200');
    await page.getByText('15 of 15 hosts switched on').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.getByText('gh200 switched off').waitFor();
    await page.getByText('14 of 15 hosts switched on').waitFor();
    await page.keyboard.press('u');
    await page.getByText('15 of 15 hosts switched on').waitFor();
  });

  it('say whether the browser lets the page notify', async () => {
    const { page: allowed } = await open({ permissions: ['notifications'] });
    await openSettings(allowed, 'Notifications');
    await allowed.getByText(/^Allowed\./).waitFor();
    const { page } = await open();
    await openSettings(page, 'Notifications');
    await page.getByText(/^Not allowed yet/).waitFor();
    await page.getByRole('button', { name: 'Allow' }).waitFor();
  });

  it.each([
    ['light', 'no-preference', 1280],
    ['dark', 'no-preference', 600],
    ['light', 'more', 900],
    ['dark', 'more', 1280],
    // A window of 1280 pixels at 200 %.
    ['light', 'no-preference', 640],
  ] as const)(
    'are clean to axe in every section: %s, contrast %s, %i px',
    async (colorScheme, contrast, width) => {
      const { page, complaints } = await open({
        colorScheme,
        contrast,
        viewport: { width, height: 800 },
        reducedMotion: 'reduce',
      });
      await page.getByText(/^Scanned \d+ hosts in /).waitFor();
      await page.evaluate("location.hash = '#settings'");
      for (const section of sections) {
        if (width > 800) await openSettings(page, section);
        else await page.getByRole('combobox', { name: 'Section' }).selectOption({ label: section });
        await page.locator('h2', { hasText: section }).waitFor({ state: 'attached' });
        expect(await violations(page), section).toEqual([]);
        expect(await overflowPx(page), section).toBe(0);
      }
      await screenshot(page, `settings-${colorScheme}-${contrast}-${width}`);
      expect(complaints).toEqual([]);
    },
  );
});
