import type { Page } from 'playwright-core';
import { expect, it, vi } from 'vitest';
import { screenshot } from '../support/browser/app.ts';
import { scanned, show } from '../support/browser/checks.ts';
import { describeInBrowser, useDemo } from '../support/browser/hooks.ts';

const small = { viewport: { width: 1000, height: 520 } };

/** Where the middle of an element is. */
async function middleOf(page: Page, name: RegExp): Promise<{ readonly x: number; readonly y: number }> {
  const box = await page.getByRole('button', { name }).first().boundingBox();
  if (box === null) throw new Error('it is not shown');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** The accessible name of the button at a point; null where there is none. */
function buttonAt(page: Page, { x, y }: { readonly x: number; readonly y: number }): Promise<unknown> {
  return page.evaluate(
    `document.elementFromPoint(${x}, ${y})?.closest('button')?.getAttribute('aria-label') ?? null`,
  );
}

/** The names of all buttons of rows that are in view, and of those what lies over them that is none. */
function coveredStops(page: Page): Promise<unknown> {
  return page.evaluate(`[...document.querySelectorAll('main [aria-label^="Stop forward to"]')].filter((button) => {
    const { left, top, width, height } = button.getBoundingClientRect();
    const over = document.elementFromPoint(left + width / 2, top + height / 2);
    return over?.closest('[aria-live]') != null;
  }).length`);
}

async function autoForward(page: Page, rows: number): Promise<void> {
  await show(page, 'Forwards');
  const auto = page.locator('main').getByRole('switch', { name: 'Auto-forward' });
  if (!(await auto.isChecked())) await auto.click();
  await page
    .locator('[data-table="forwards"]')
    .nth(rows - 1)
    .waitFor();
}

describeInBrowser('the window in daily use', () => {
  const { open } = useDemo();

  it('keeps the scroll position of each view, and the section of the settings', async () => {
    const { page } = await open(small);
    await scanned(page);
    const scroll = (px?: number) =>
      page.evaluate(`(() => {
        const main = document.querySelector('main');
        ${px === undefined ? '' : `main.scrollTop = ${px};`}
        return main.scrollTop;
      })()`);
    expect(await scroll(140)).toBe(140);
    await show(page, 'Models');
    await page.getByRole('heading', { name: 'Models' }).waitFor();
    expect(await scroll()).toBe(0);
    await scroll(60);
    await show(page, 'GPUs');
    await page.getByRole('heading', { name: 'GPUs' }).waitFor();
    expect(await scroll()).toBe(140);
    await show(page, 'Models');
    await page.getByRole('heading', { name: 'Models' }).waitFor();
    expect(await scroll()).toBe(60);

    const settings = page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Settings' });
    await settings.click();
    await page.getByRole('navigation', { name: 'Section' }).getByRole('link', { name: 'Scanning' }).click();
    await page.getByRole('heading', { name: 'Scanning' }).waitFor();
    await scroll(90);
    await page.getByRole('navigation', { name: 'Section' }).getByRole('link', { name: 'Hosts' }).click();
    await page.getByRole('heading', { name: 'Hosts' }).waitFor();
    expect(await scroll()).toBe(0);
    await page.getByRole('navigation', { name: 'Section' }).getByRole('link', { name: 'Scanning' }).click();
    await show(page, 'GPUs');
    await settings.click();
    await page.getByRole('heading', { name: 'Scanning' }).waitFor();
    expect(await scroll()).toBe(90);
  });

  it.each([1280, 1600])(
    'moves nothing below the header while it scans again, at %i pixels',
    async (width) => {
      const { page } = await open({ viewport: { width, height: 800 } });
      await scanned(page);
      await page.getByRole('button', { name: 'Review' }).waitFor();
      await page.evaluate(`{
      const main = document.querySelector('main');
      window.places = new Set();
      window.scans = new Set();
      const look = () => {
        places.add(main.getBoundingClientRect().top);
        scans.add(document.querySelector('[data-scan]').dataset.scan);
        requestAnimationFrame(look);
      };
      look();
    }`);
      await page.getByRole('button', { name: 'Rescan' }).click();
      const ended = `scans.has('running') && document.querySelector('[data-scan="done"]') !== null`;
      await vi.waitFor(async () => expect(await page.evaluate(ended)).toBe(true));
      expect(await page.evaluate('places.size')).toBe(1);
    },
  );

  it('opens no menu over the rail', async () => {
    const { page } = await open(small);
    await scanned(page);
    const railEnd = Number(
      await page.evaluate(`document.querySelector('main').getBoundingClientRect().left`),
    );
    await autoForward(page, 3);
    for (const button of [
      page
        .locator('[data-table="forwards"]')
        .first()
        .getByRole('button', { name: /^Forward localhost/ }),
      page.getByRole('button', { name: /^Theme/ }),
    ]) {
      await button.click();
      const box = await page.getByRole('menu').boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(railEnd);
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(520);
      await page.keyboard.press('Escape');
    }
  });

  it('puts nothing else under the pointer after a Stop, and no message over the next one', async () => {
    const { page } = await open(small);
    await scanned(page);
    await autoForward(page, 6);
    const rows = page.locator('[data-table="forwards"]');
    const names = await page
      .getByRole('button', { name: /^Stop forward to/ })
      .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    const first = await middleOf(page, /^Stop forward to/);
    await page.mouse.move(first.x, first.y);
    await page.mouse.click(first.x, first.y);
    await page.getByText(/^Stopped the forward to/).waitFor();
    await rows.first().getByText('Stopped').waitFor();
    expect(await buttonAt(page, first)).toBeNull();
    expect(await rows.count()).toBe(names.length);
    await screenshot(page, 'forwards-stopped-light');

    await page.mouse.move(first.x, 40);
    await page.locator('[data-table="forwards"][data-kind="stopped"]').waitFor({ state: 'detached' });
    expect(await rows.count()).toBe(names.length - 1);
    expect(await buttonAt(page, first)).toBe(names[1]);

    await page
      .getByRole('button', { name: /^Stop forward to/ })
      .last()
      .click();
    await page
      .getByText(/^Stopped the forward to/)
      .nth(1)
      .waitFor();
    expect(await coveredStops(page)).toBe(0);
  });

  it('leads from the headline to the views, and to the hosts that are missing', async () => {
    const { page } = await open({ viewport: { width: 1280, height: 800 } });
    await scanned(page);
    const headline = page.locator('.Header__headline');
    await headline.getByRole('button', { name: /models$/ }).click();
    await page.getByRole('heading', { name: 'Models' }).waitFor();
    await headline.getByRole('button', { name: /forwards$/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Forwards' }).waitFor();
    const hosts = headline.getByRole('button', { name: '12 of 15 hosts' });
    const inks = await hosts.evaluate((button) => [
      getComputedStyle(button).color,
      getComputedStyle(button.closest('p') ?? button).color,
    ]);
    expect(inks[0]).not.toBe(inks[1]);
    await hosts.click();
    await page.getByRole('heading', { name: 'GPUs' }).waitFor();
    expect(await page.getByLabel('Filter hosts, models and forwards').inputValue()).toBe('state:down');
    await page.getByText('The host refused the connection').first().waitFor();
    expect(await page.locator('.FailedHosts__host').count()).toBe(3);
    await screenshot(page, 'headline-missing-light');
  });

  it('ends what is wrong in a form with the work there', async () => {
    const { page } = await open(small);
    await scanned(page);
    await show(page, 'Forwards');
    const form = page.getByRole('form', { name: 'Open a forward' });
    await form.locator('button[type="submit"]').click();
    const error = form.getByRole('alert').first();
    await error.waitFor();
    await page.getByLabel('Filter hosts, models and forwards').click();
    await error.waitFor({ state: 'detached' });
    await form.locator('button[type="submit"]').click();
    await error.waitFor();
    await page.keyboard.press('Escape');
    await error.waitFor({ state: 'detached' });
  });
});
