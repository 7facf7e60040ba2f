import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { looks } from '../gallery/look.ts';
import { states } from '../gallery/states.ts';
import { launchBrowser } from '../support/browser/app.ts';
import { overflowPx } from '../support/browser/checks.ts';
import { type Gallery, openGallery, pictureOf } from '../support/browser/gallery.ts';
import { describeInBrowser } from '../support/browser/hooks.ts';
import { differenceOf, openPictures, type Pictures, tolerance } from '../support/browser/pictures.ts';

/** Each state in one look and in the opposite one: all looks of a view, with a picture of the first. */
const shown = Object.keys(states).map((name, at) => {
  const first = at % looks.length;
  const pair = [looks[first], looks[looks.length - 1 - first]].flatMap((look) => look ?? []);
  return [name, pair] as const;
});

/**
 * Those whose pictures are stored: each view and dialog, and what breaks without a sign, such as cut names and marks of state. All
 * of them would be seven megabytes more with every change of the frame.
 */
const pictured: ReadonlySet<string> = new Set([
  'attention',
  'diagnostics',
  'filter-help',
  'find-free',
  'forwards',
  'forwards-failed',
  'forwards-open',
  'gateway-listening',
  'gpus',
  'gpus-all-off',
  'gpus-broken',
  'gpus-columns',
  'gpus-groups',
  'gpus-lost',
  'gpus-mig',
  'gpus-open',
  'host-keys',
  'keyboard',
  'launches',
  'launches-failed',
  'log',
  'models',
  'models-grouped',
  'models-open',
  'models-queue',
  'models-stuck',
  'notices',
  'palette',
  'past-week',
  'prompt-password',
  'report',
  'serve-plan',
  'settings-forwards',
  'settings-hosts',
  'settings-rule',
  'sources-failed',
  'stop-all',
  'test-prompt',
  'tray',
  'welcome',
]);

describeInBrowser('the gallery', () => {
  let browser: Browser;
  let gallery: Gallery;
  let pictures: Pictures;
  beforeAll(async () => {
    browser = await launchBrowser();
    gallery = await openGallery(browser);
    pictures = await openPictures(browser, {
      renew: process.env.PICTURES === 'update',
      names: [...pictured],
    });
  });
  afterAll(async () => {
    await gallery?.dispose();
    await browser?.close();
  });

  it('has stored pictures of this browser with these fonts', ({ skip }) => {
    expect([...pictured].filter((name) => states[name] === undefined)).toEqual([]);
    if (pictures.obstacle !== null) skip(pictures.obstacle);
    expect(pictures.obstacle).toBeNull();
  });

  it('notices a button that has another colour', async () => {
    const page = await browser.newPage({ viewport: { width: 900, height: 560 } });
    await page.setContent(
      '<button style="width: 40px; height: 30px; border: 0; background: #0f9381"></button>',
    );
    const before = await page.screenshot();
    await page.locator('button').evaluate((button) => {
      button.style.background = '#858c96';
    });
    const share = await differenceOf(page, before, await page.screenshot());
    expect(share).toBeCloseTo(1200 / (900 * 560), 5);
    expect(share).toBeGreaterThan(tolerance.share);
    expect(await differenceOf(page, before, before)).toBe(0);
    await page.close();
  });

  it.each(shown)(
    'shows %s without a complaint, within the window, and as it looked before',
    async (name, pair) => {
      for (const [at, look] of pair.entries()) {
        const { page, complaints } = await gallery.open(name, look);
        // Without an app behind it the page says that it finds none.
        if (states[name]?.face !== 'browser') expect(complaints, look.language).toEqual([]);
        expect(await overflowPx(page), look.language).toBe(0);
        if (at === 0 && pictured.has(name) && pictures.obstacle === null)
          expect.soft(await pictures.check(name, await pictureOf(page))).toBeNull();
      }
    },
  );
});
