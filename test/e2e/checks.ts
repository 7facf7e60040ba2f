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
  // The page's policy lets no script in by a tag; the debugger may.
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 300))])).toEqual([]);
  await expectNoOverflow(page);
}

export async function expectNoOverflow(page: Page): Promise<void> {
  const beyond = await page.evaluate(`(() => {
    const main = document.querySelector('.main');
    return [document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth];
  })()`);
  expect(beyond).toEqual([0, 0]);
}
