import { rmSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { createConfigHome, screenshot, startApp } from '../support/browser/app.ts';
import { overflowPx, violations } from '../support/browser/checks.ts';
import { describeInBrowser, useBrowser } from '../support/browser/hooks.ts';
import { dcgmText, haveAll, startExporter, startPrometheus } from '../support/prometheus.ts';

describeInBrowser('Prometheus as a source, in a real browser', () => {
  const { open } = useBrowser();

  it.skipIf(!haveAll('prometheus'))(
    'is added in the settings, tested, and its hosts are in the table',
    async () => {
      const exporter = await startExporter(
        dcgmText('old', [
          { util: 0, usedMiB: 4, hostname: 'fleet-01' },
          { util: 97, usedMiB: 70_000, hostname: 'fleet-01' },
        ]),
      );
      onTestFinished(exporter.stop);
      const prometheus = await startPrometheus([
        { port: exporter.port, instance: 'fleet-01:9400', labels: { rack: 'r1' } },
      ]);
      onTestFinished(prometheus.stop);
      const home = createConfigHome();
      onTestFinished(() => rmSync(home, { recursive: true, force: true }));
      const app = await startApp(['--demo'], home);
      onTestFinished(async () => void (await app.stop()));
      const { page } = await open(app.url);
      await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Settings' }).click();
      await page.getByRole('navigation', { name: 'Section' }).getByRole('link', { name: 'Sources' }).click();
      await page.getByRole('button', { name: 'Add a Prometheus' }).click();
      await page.getByLabel('Address', { exact: true }).fill('http://127.0.0.1:1');
      await page.getByRole('button', { name: 'Test', exact: true }).click();
      await page.getByText(/^Prometheus cannot be reached \(/).waitFor();
      await page.getByLabel('Address', { exact: true }).fill(prometheus.url);
      await page.getByLabel('Name', { exact: true }).fill('fleet');
      const report = page.getByRole('region', { name: 'What was found' });
      await expect
        .poll(async () => {
          await page.getByRole('button', { name: 'Test', exact: true }).click();
          await page.getByRole('button', { name: 'Test', exact: true }).waitFor();
          return (await report.count()) === 0 ? '' : report.innerText();
        })
        .toContain('dcgm-exporter');
      await screenshot(page, 'sources-editor-light');
      expect(await violations(page)).toEqual([]);
      expect(await overflowPx(page)).toBe(0);
      await page.getByRole('button', { name: 'Save source' }).click();
      await page.getByText('1 host, 2 GPUs').waitFor();
      await screenshot(page, 'sources-light');
      await page.emulateMedia({ colorScheme: 'dark' });
      await screenshot(page, 'sources-dark');
      await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'GPUs' }).click();
      const row = page.getByRole('row', { name: /fleet-01/ });
      await row.getByText(/via Prometheus/).waitFor();
      await row
        .getByRole('button', { name: /fleet-01/ })
        .first()
        .click();
      await page.getByText('Prometheus fleet, fleet-01:9400').waitFor();
      await page.getByText(/^Known from Prometheus alone/).waitFor();
      await screenshot(page, 'host-of-prometheus-dark');
      await page.emulateMedia({ colorScheme: 'light' });
      await screenshot(page, 'host-of-prometheus-light');
      expect(await violations(page)).toEqual([]);
    },
  );
});
