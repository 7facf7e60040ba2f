import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startDemoCluster } from '../../main/demo/cluster.ts';
import { createConfigHome, screenshot, startApp } from '../support/browser/app.ts';
import { expectSound, scanned } from '../support/browser/checks.ts';
import { describeInBrowser, useBrowser } from '../support/browser/hooks.ts';

/** The hosts of a demo cluster under a configuration in which some stand in groups. */
async function groupedCluster(): Promise<string> {
  const cluster = await startDemoCluster();
  const folder = path.dirname(cluster.sshConfigPath);
  const text = readFileSync(cluster.sshConfigPath, 'utf8');
  const file = path.join(folder, 'grouped');
  writeFileSync(file, text.replace(/^Host (h100|a100)-/gm, '# group: $1\n$&'));
  onTestFinished(() => cluster.dispose());
  return file;
}

describeInBrowser('hosts in groups', () => {
  const browser = useBrowser();

  it.each(['light', 'dark'] as const)(
    'fold, are filtered, and made in the settings: %s',
    async (colorScheme) => {
      const file = await groupedCluster();
      const home = createConfigHome();
      onTestFinished(() => rmSync(home, { recursive: true, force: true }));
      const app = await startApp(['--ssh-config', file], home);
      onTestFinished(async () => void (await app.stop()));
      const { page, complaints } = await browser.open(app.url, { colorScheme });
      await scanned(page);
      const head = (name: string) => page.locator(`[data-group="${name}"]`).getByRole('button');
      const host = (alias: string) =>
        page.getByRole('rowheader').getByRole('button', { name: alias, exact: true });
      await expect
        .poll(() => head('h100').textContent(), { timeout: 20_000 })
        .toMatch(/^h100: \d+ of \d+ free \d+ hosts$/);
      await host('h100-01').waitFor();
      await expectSound(page);
      await screenshot(page, `groups-${colorScheme}`);

      await head('h100').click();
      await host('h100-01').waitFor({ state: 'detached' });
      await screenshot(page, `groups-folded-${colorScheme}`);
      await page.reload();
      await head('a100').waitFor();
      expect(await host('h100-01').count()).toBe(0);
      expect(await head('h100').getAttribute('aria-expanded')).toBe('false');

      await page.keyboard.press('/');
      await page.keyboard.type('group:h100');
      await host('h100-01').waitFor();
      expect(await head('a100').count()).toBe(0);
      await page.keyboard.press('Escape');
      await head('a100').waitFor();

      await page.goto(`${app.url.split('#')[0]}#settings/groups`);
      await page.getByLabel('New group', { exact: true }).fill('ours: l40s-*');
      await page.keyboard.press('Enter');
      await page.getByRole('list', { name: 'Hosts of ours' }).waitFor();
      await expectSound(page);
      await screenshot(page, `groups-settings-${colorScheme}`);
      await page.goto(`${app.url.split('#')[0]}#gpus`);
      await head('ours').waitFor();
      await host('l40s-dev').waitFor();
      expect(complaints).toEqual([]);
    },
  );
});
