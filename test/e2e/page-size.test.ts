import type { CDPSession, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { views } from '#common/place.ts';
import { sections } from '../../renderer/settings/sections.ts';
import { scanned, show } from '../support/browser/checks.ts';
import { describeInBrowser, useDemo } from '../support/browser/hooks.ts';

const places = views.flatMap((view) =>
  view === 'settings' ? sections.map((section) => `settings/${section}`) : [view],
);

/** In pixels of the screen, and the zoom of the browser. */
const sizes = [
  [320, 700, 1],
  [640, 400, 1],
  [900, 600, 1],
  [1280, 800, 1],
  [1280, 800, 2],
  [1600, 900, 1],
  [1600, 700, 2],
] as const;

/** Unfolds all that is folded in the view; hosts that failed unfold others. */
async function unfoldAll(page: Page): Promise<void> {
  const folded = page.locator('main .expander[aria-expanded="false"]');
  while ((await folded.count()) > 0)
    await folded.evaluateAll((all) => all.map((one) => (one as HTMLElement).click()));
}

/** By how many pixels the document is larger than the window, in each direction. */
function beyondWindow(page: Page): Promise<unknown> {
  return page.evaluate(`(() => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    return [scrollWidth - innerWidth, scrollHeight - innerHeight];
  })()`);
}

async function resize(session: CDPSession, [width, height, zoom]: (typeof sizes)[number]): Promise<void> {
  await session.send('Emulation.setDeviceMetricsOverride', {
    width: width / zoom,
    height: height / zoom,
    deviceScaleFactor: zoom,
    mobile: false,
  });
}

describeInBrowser('the document', () => {
  const { open } = useDemo();

  it('is never larger than the window: every view unfolded, at every size, in both languages', async () => {
    const { page } = await open();
    const session = await page.context().newCDPSession(page);
    await scanned(page);
    await show(page, 'Forwards');
    await page.locator('main').getByRole('switch', { name: 'Auto-forward' }).click();
    await page.locator('[data-table="forwards"]').nth(5).waitFor();
    const wrong: string[] = [];
    for (const language of ['en', 'ru']) {
      await page.evaluate(`location.hash = '#settings/appearance'`);
      await page.getByLabel(/^(?:Language|Язык)/).selectOption(language);
      await page.locator(`html[lang="${language}"]`).waitFor();
      for (const place of places) {
        await page.evaluate(`location.hash = '#${place}'`);
        await page.locator(`nav a[href="#${place.split('/')[0]}"][aria-current]`).waitFor();
        await unfoldAll(page);
        for (const size of sizes) {
          await resize(session, size);
          const beyond = String(await beyondWindow(page));
          if (beyond !== '0,0') wrong.push(`${language} ${place} at ${size.join('x')}: ${beyond}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});
