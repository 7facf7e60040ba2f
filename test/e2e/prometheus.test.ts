import { rmSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { newPrometheusSource } from '#common/prometheus.ts';
import { createConfigHome, screenshot, startApp } from '../support/browser/app.ts';
import { overflowPx, violations } from '../support/browser/checks.ts';
import { describeInBrowser, useBrowser } from '../support/browser/hooks.ts';
import { openMetrics, type PastSeries } from '../support/open-metrics.ts';
import { dcgmText, haveAll, startExporter, startPrometheus, uuidOf } from '../support/prometheus.ts';

const hourMs = 3_600_000;

/** Five days of four GPUs of fleet-01: busy by day, idle at night and for some hours not known at all. */
function pastOfFleet(nowMs: number): string {
  const gpus = [0, 1, 2, 3];
  const isAway = (ms: number) => ms > nowMs - 10 * hourMs && ms < nowMs - 8 * hourMs;
  const load = (ms: number, gpu: number): number => {
    const byDay = Math.sin((2 * Math.PI * ms) / (24 * hourMs) + gpu / 2);
    const job = Math.sin(ms / hourMs / (gpu + 1.5)) > -0.3 ? 1 : 0;
    return Math.max(0, job * (60 + 35 * byDay + 5 * Math.sin(ms / 600_000)));
  };
  const series = (name: string, value: (load: number) => number): readonly PastSeries[] =>
    gpus.map((gpu) => ({
      name,
      labels: { gpu: `${gpu}`, UUID: uuidOf('01', gpu), instance: 'fleet-01:9400', job: 'exporters' },
      at: (ms) => (isAway(ms) ? null : value(load(ms, gpu))),
    }));
  return openMetrics(
    [
      ...series('DCGM_FI_DEV_GPU_UTIL', (pct) => Math.round(pct)),
      ...series('DCGM_FI_DEV_FB_USED', (pct) => Math.round(4 + pct * 780)),
    ],
    { fromMs: nowMs - 5 * 24 * hourMs, toMs: nowMs - 30_000, stepMs: 30_000 },
  );
}

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

  it.skipIf(!haveAll('prometheus', 'promtool'))(
    'fills the charts of half an hour, a day and a week from before the app was started',
    async () => {
      const gpus = [52, 71, 0, 88].map((util) => ({
        util,
        usedMiB: 4 + util * 780,
        hostname: 'fleet-01',
        host: '01',
      }));
      const exporter = await startExporter(dcgmText('old', gpus));
      onTestFinished(exporter.stop);
      const target = { port: exporter.port, instance: 'fleet-01:9400' };
      const prometheus = await startPrometheus([target], [], 15, pastOfFleet(Date.now()));
      onTestFinished(prometheus.stop);
      const source = { ...newPrometheusSource('one', prometheus.url), name: 'fleet' };
      const home = createConfigHome({ prometheus: [source] });
      onTestFinished(() => rmSync(home, { recursive: true, force: true }));
      const app = await startApp(['--demo'], home);
      onTestFinished(async () => void (await app.stop()));
      const { page } = await open(app.url);
      const row = page.getByRole('row', { name: /fleet-01/ });
      await row
        .getByRole('button', { name: /fleet-01/ })
        .first()
        .click();
      const charts = page.getByRole('region', { name: 'History of fleet-01' });
      const utilisation = charts.getByRole('img', { name: /^Utilisation of fleet-01/ });
      const show = async (range: string) => {
        await charts.getByText(range, { exact: true }).click();
        await charts.scrollIntoViewIfNeeded();
      };
      for (const [range, known] of [
        ['30 min', /last 30 minutes\. GPU 0: now \d+ %, between \d+ % and \d+ %/],
        ['24 h', /last 24 hours\. GPU 0: now \d+ %, between 0 % and \d+ %/],
        ['7 d', /last 7 days\. GPU 0: now \d+ %, between 0 % and \d+ %/],
      ] as const) {
        await show(range);
        await expect.poll(() => utilisation.getAttribute('aria-label')).toMatch(known);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await screenshot(page, `history-${range.replace(' ', '')}-${colorScheme}`);
        }
        await page.emulateMedia({ colorScheme: 'light' });
      }
      await charts.getByText(/^No data before \d+ \w+, \d\d:\d\d$/).waitFor();
      expect(await violations(page)).toEqual([]);
      expect(await overflowPx(page)).toBe(0);
    },
  );
});
