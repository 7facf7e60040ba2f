import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type App,
  chromiumMissing,
  launchBrowser,
  openPage,
  screenshot,
  startApp,
} from '../../support/browser/app.ts';
import { expectBlobThrough, expectFree, expectModelThrough } from '../../support/through.ts';
import { type Fleet, startFleet } from '../fleet.ts';
import { namespacesMissing } from '../namespaces.ts';
import { networkSettled } from './network-settled.ts';

const missing = namespacesMissing() ?? chromiumMissing;
if (missing !== null) console.log(`SKIPPED lab: ${missing}`);

describe.skipIf(missing !== null)('the window on real sshd hosts', () => {
  let fleet: Fleet;
  let app: App;
  let browser: Browser;

  beforeAll(async () => {
    fleet = await startFleet([
      { alias: 'serving', gpus: [], models: [{ port: 8000, id: 'org/llama' }], blobPort: 9000 },
      { alias: 'html', gpus: [], htmlPorts: [8000] },
      { alias: 'down', gpus: [], down: true },
    ]);
    await networkSettled();
    [app, browser] = await Promise.all([startApp(['--ssh-config', fleet.sshConfigPath]), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
    await fleet?.stop();
  });

  it('forwards a model and 100 MB intact by its buttons, and frees the ports', async () => {
    const { page, complaints } = await openPage(browser, app.url);
    await page.getByText(/^Scanned 3 hosts in /).waitFor();
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByText('The port does not answer with a model list').waitFor();
    await screenshot(page, 'models-real-hosts');
    await page.getByRole('button', { name: 'Forward org/llama on serving:8000' }).click();
    const chip = await page
      .getByRole('button', { name: /^Forward localhost:\d+, listening$/ })
      .getAttribute('aria-label');
    const modelPort = Number(/localhost:(\d+)/.exec(chip ?? '')?.[1]);
    await expectModelThrough(`http://localhost:${modelPort}`, 'org/llama');

    await page.getByRole('link', { name: 'Forwards' }).click();
    await page.getByLabel('Host', { exact: true }).selectOption('serving');
    await page.getByLabel('Remote port').fill('9000');
    await page.getByLabel('Local port').fill('17460');
    await page.getByRole('button', { name: 'Open forward' }).click();
    const row = page.getByRole('row', { name: /serving:9000/ });
    await row.getByText('Listening').filter({ visible: true }).waitFor();
    await expectBlobThrough('http://localhost:17460', 100_000_000);
    await row.getByText('100 MB').waitFor();
    for (const port of [8000, 9000]) {
      await page.getByRole('button', { name: `Stop forward to serving:${port}` }).click();
    }
    await page.getByText('No forward is open').waitFor();
    await expectFree(modelPort);
    await expectFree(17_460);
    expect(complaints).toEqual([]);
  });
});
