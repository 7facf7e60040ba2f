/** What every view is held to, in a real browser. */

import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Waits until the demo cluster has been scanned. */
export async function scanned(page: Page): Promise<void> {
  await page.getByText(/^Scanned 15 hosts in /).waitFor();
}

export function show(page: Page, view: 'GPUs' | 'Models' | 'Forwards'): Promise<void> {
  return page.getByRole('navigation').getByRole('link', { name: view }).click();
}

/** Clean to axe, and nothing wider than its place. */
export async function expectSound(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([]);
  await expectNoOverflow(page);
}

/** What axe finds wrong with the page as it is: each rule with all that breaks it. */
export async function violations(page: Page): Promise<readonly string[]> {
  // The page's policy lets no script in by a tag; the debugger may.
  await page.evaluate(axe.source);
  const { violations: found } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 300)).join(' ')}`);
}

/** Neither the page is wider than its window nor the view than its place. */
export async function expectNoOverflow(page: Page): Promise<void> {
  const beyond = await page.evaluate(`(() => {
    const main = document.querySelector('main');
    return [document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth];
  })()`);
  expect(beyond).toEqual([0, 0]);
}

/** By how much the page is wider than its window; it must not be. */
export async function overflowPx(page: Page): Promise<number> {
  return Number(await page.evaluate('Math.max(0, document.documentElement.scrollWidth - innerWidth)'));
}
