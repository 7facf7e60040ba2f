import type { Page } from 'playwright-core';
import { expect, it, vi } from 'vitest';
import { looks } from '../gallery/look.ts';
import { states } from '../gallery/states.ts';
import { describeInBrowser, useGallery } from '../support/browser/hooks.ts';

const widths = [360, 480, 640, 700, 900, 1100, 1280, 1500, 1920];

/** Those that show a view with tables, without a dialog above it. */
const views = Object.entries(states).flatMap(([name, { place, press }]) =>
  place === undefined || !['gpus', 'models', 'forwards'].includes(place.view) || press !== undefined
    ? []
    : [name],
);

/** Texts of table cells that run out of their cell: it would cut them without a sign. What cuts them within it does with one. */
const outside = `(() => {
  const seen = (node, cell) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const { left, right, top, bottom, width } = range.getBoundingClientRect();
    const box = { left, right, top, bottom, width };
    for (let at = node.parentElement; cell.contains(at); at = at.parentElement) {
      const style = getComputedStyle(at);
      if (at === cell && style.textOverflow !== 'ellipsis') break;
      if (style.overflowX === 'visible' && !/paint|strict|content/.test(style.contain)) continue;
      const limit = at.getBoundingClientRect();
      box.left = Math.max(box.left, limit.left);
      box.right = Math.min(box.right, limit.right);
      box.top = Math.max(box.top, limit.top);
      box.bottom = Math.min(box.bottom, limit.bottom);
    }
    return box;
  };
  const found = [];
  for (const cell of document.querySelectorAll('main tbody > tr > :is(td, th)')) {
    const { left, right, top, bottom } = cell.getBoundingClientRect();
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      const owner = text.parentElement;
      if (owner.closest('td, th') !== cell || owner.closest('.visually-hidden, [popover]') !== null) continue;
      const box = seen(text, cell);
      if (box.width === 0 || box.right <= box.left || box.bottom <= box.top) continue;
      if (box.left < left - 1 || box.right > right + 1 || box.top < top - 3 || box.bottom > bottom + 3)
        found.push(owner.textContent + ' in ' + cell.closest('tr').dataset.table);
    }
  }
  return found;
})()`;

/** What runs out of its cell at a width once the page rests: the columns follow the width some frames later. */
async function outsideAt(page: Page, width: number): Promise<readonly string[]> {
  await page.setViewportSize({ width, height: 900 });
  let found: readonly string[] = [];
  await vi
    .waitFor(async () => {
      found = await page.evaluate(outside);
      expect(found).toEqual([]);
    })
    .catch(() => {});
  return found;
}

describeInBrowser('the text of a table cell', () => {
  const gallery = useGallery();

  it.each(views)('stays within the cell, in both languages and at every width: %s', async (name) => {
    const wrong = new Set<string>();
    for (const language of ['en', 'ru'] as const) {
      const look = looks.find((one) => one.language === language);
      if (look === undefined) throw new Error(`no look in ${language}`);
      const { page } = await gallery.open(name, look);
      for (const width of widths) {
        for (const text of await outsideAt(page, width)) wrong.add(`${language} ${width}: ${text}`);
      }
    }
    expect([...wrong]).toEqual([]);
  });
});
