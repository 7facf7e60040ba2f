/** The icons that are committed, against the drawings that they are made of. */

import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumMissing, launchBrowser } from '../support/browser/app.ts';
import { isBitmap, readIcns, readIco } from '../support/icon-files.ts';

const build = path.join(import.meta.dirname, '..', '..', 'build');
const { drawIcons } = (await import(pathToFileURL(path.join(build, 'icons.mjs')).href)) as {
  drawIcons(page: Page): Promise<ReadonlyMap<string, Buffer>>;
};
if (chromiumMissing !== null) console.log(`skipped: ${chromiumMissing}, which draws the icons`);

/** Two versions of Chromium smooth an edge differently; a changed drawing differs by far more. */
const tolerated = 1;

describe.skipIf(chromiumMissing !== null)('the icons', () => {
  let browser: Browser;
  let page: Page;
  let drawn: ReadonlyMap<string, Buffer>;

  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage();
    drawn = await drawIcons(page);
  });
  afterAll(() => browser?.close());

  it('are all there, and none too many', async () => {
    const entries = await readdir(path.join(build, 'icons'), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(path.join(build, 'icons'), path.join(entry.parentPath, entry.name)))
      .filter((name) => !name.startsWith('source'));
    expect(files.map((name) => name.replaceAll('\\', '/')).sort()).toEqual([...drawn.keys()].sort());
  });

  it('are what their drawings give (node build/icons.mjs makes them)', async () => {
    const differences: string[] = [];
    for (const [name, wanted] of drawn) {
      const found = imagesOf(name, readFileSync(path.join(build, 'icons', name)));
      for (const [index, image] of imagesOf(name, wanted).entries()) {
        const difference = await differenceOf(image, found[index] ?? Buffer.alloc(0));
        if (difference > tolerated) differences.push(`${name}, image ${index}: ${difference.toFixed(1)}`);
      }
      expect(found.length, name).toBe(imagesOf(name, wanted).length);
    }
    expect(differences).toEqual([]);
  });

  it('would differ if a drawing had changed', async () => {
    const image = (name: string) => drawn.get(name) ?? Buffer.alloc(0);
    expect(await differenceOf(image('tray/idle.png'), image('tray/none.png'))).toBeGreaterThan(tolerated);
    expect(await differenceOf(image('app/64x64.png'), image('app/128x128.png'))).toBe(255);
  });

  /** The mean per colour of a pixel, 0 to 255; of two sizes they have nothing in common. */
  async function differenceOf(one: Buffer, other: Buffer): Promise<number> {
    if (one.equals(other)) return 0;
    if (isBitmap(one)) return meanDifference([...one], [...other]);
    return page.evaluate(
      async ([first, second]) => {
        const pixels = async (base64: string) => {
          const picture = new Image();
          picture.src = `data:image/png;base64,${base64}`;
          await picture.decode();
          const canvas = new OffscreenCanvas(picture.width, picture.height);
          const context = canvas.getContext('2d');
          context?.drawImage(picture, 0, 0);
          return context?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
        };
        const [a, b] = [await pixels(first), await pixels(second)];
        if (a.length !== b.length) return 255;
        return a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? 0)), 0) / a.length;
      },
      [one.toString('base64'), other.toString('base64')] as const,
    );
  }
});

/** The pictures in a file of any of the kinds. */
function imagesOf(name: string, file: Buffer): readonly Buffer[] {
  if (name.endsWith('.ico')) return readIco(file).map(({ content }) => content);
  return name.endsWith('.icns') ? [...readIcns(file).values()] : [file];
}

function meanDifference(one: readonly number[], other: readonly number[]): number {
  if (one.length !== other.length) return 255;
  return one.reduce((sum, value, index) => sum + Math.abs(value - (other[index] ?? 0)), 0) / one.length;
}
