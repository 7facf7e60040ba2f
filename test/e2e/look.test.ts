import { expect, it } from 'vitest';
import { views } from '#common/place.ts';
import { screenshot } from '../support/browser/app.ts';
import { overflowPx, scanned, violations } from '../support/browser/checks.ts';
import { describeInBrowser, useDemo } from '../support/browser/hooks.ts';

describeInBrowser('every view', () => {
  const { open } = useDemo();

  it.each([
    ['light', 'more', 'none', 1280],
    ['dark', 'more', 'none', 900],
    ['light', 'no-preference', 'active', 1280],
    ['dark', 'no-preference', 'active', 600],
    ['dark', 'no-preference', 'none', 320],
  ] as const)(
    'is clean to axe and no wider than its window: %s, contrast %s, forced colours %s, %i px',
    async (colorScheme, contrast, forcedColors, width) => {
      const { page, complaints } = await open({
        colorScheme,
        contrast,
        forcedColors,
        viewport: { width, height: 800 },
      });
      await scanned(page);
      for (const view of views) {
        await page.evaluate(`location.hash = '#${view}'`);
        await page.locator(`a[aria-current="page"][href="#${view}"]`).waitFor();
        expect(await violations(page), view).toEqual([]);
        expect(await overflowPx(page), view).toBe(0);
        await screenshot(page, `look-${view}-${colorScheme}-${contrast}-${forcedColors}-${width}`);
      }
      expect(complaints).toEqual([]);
    },
  );
});
