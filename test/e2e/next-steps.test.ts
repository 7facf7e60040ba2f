/** What the window offers where something is missing or has failed: the real cause, and the step that ends it. */

import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { screenshot } from '../support/browser/app.ts';
import { expectSound, show } from '../support/browser/checks.ts';
import { describeInBrowser, useFleet } from '../support/browser/hooks.ts';
import { aForward, anOtherForward } from '../support/samples.ts';

const looks: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light' }],
  ['dark-600', { colorScheme: 'dark', viewport: { width: 600, height: 720 } }],
];

describeInBrowser('the next step', () => {
  const { store, open } = useFleet({ hosts: 4, gpus: 2 });
  const shot = async (page: Page, name: string) => {
    await expectSound(page);
    await screenshot(page, name);
  };

  it.each(looks)('is asked for when auto-forward is switched off: %s', async (look, options) => {
    const { settings } = store().current();
    const auto = { ...settings, autoForward: { ...settings.autoForward, enabled: true } };
    store().apply({ kind: 'parts-changed', parts: { settings: auto } });
    const forward = { ...aForward, id: 'gpu-0000:8000', hostId: 'gpu-0000', origin: 'auto' } as const;
    store().apply({ kind: 'forward-changed', forward });
    const { page } = await open(options);
    await show(page, 'Forwards');
    await page.getByRole('switch', { name: 'Auto-forward' }).click();
    const dialog = page.getByRole('dialog', { name: 'Switch auto-forward off?' });
    await dialog.getByRole('button', { name: 'Keep open' }).waitFor();
    await shot(page, `next-auto-off-${look}`);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('switch', { name: 'Auto-forward', checked: true }).waitFor();
    store().apply({ kind: 'forward-closed', forwardId: forward.id });
    store().apply({ kind: 'parts-changed', parts: { settings } });
  });

  it.each(looks)('to forward says where another program does already: %s', async (look, options) => {
    const { otherForwards } = store().current();
    const forwards = [{ ...anOtherForward, hostId: 'gpu-0000', remotePort: 8000, localPort: 16_105 }];
    store().apply({ kind: 'parts-changed', parts: { otherForwards: { ...otherForwards, forwards } } });
    const { page } = await open(options);
    await show(page, 'Models');
    await page
      .getByTitle(/Another program already forwards it to localhost:16105/)
      .first()
      .waitFor();
    await shot(page, `next-forwarded-${look}`);
    store().apply({ kind: 'parts-changed', parts: { otherForwards } });
  });

  it.each(looks)('is to choose hosts where all are switched off: %s', async (look, options) => {
    const { hosts, servers } = store().current();
    const listed = { kind: 'hosts-listed', problems: [] } as const;
    store().apply({ ...listed, hosts: [], excludedAliases: hosts.map(({ alias }) => alias) });
    const { page } = await open(options);
    for (const view of ['GPUs', 'Models', 'Forwards'] as const) {
      await show(page, view);
      await page.getByRole('heading', { name: 'All 4 hosts are switched off' }).waitFor();
      await shot(page, `next-all-off-${view.toLowerCase()}-${look}`);
    }
    await page.getByRole('button', { name: 'Choose hosts' }).click();
    expect(page.url()).toMatch(/#settings\/hosts$/);
    store().apply({ ...listed, hosts, excludedAliases: [] });
    for (const server of servers)
      store().apply({ kind: 'servers-found', hostId: server.hostId, servers: [server] });
  });
});
