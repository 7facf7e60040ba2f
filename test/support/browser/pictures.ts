/** Pictures that are stored with the tests, and how one is compared with what a page looks like now. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';

const folder = fileURLToPath(new URL('../../e2e/pictures', import.meta.url));
const differing = fileURLToPath(new URL('../../../dist/screenshots/gallery', import.meta.url));

/** What a picture depends on beside the app: another browser or other fonts draw every letter otherwise. */
interface MadeWith {
  readonly chromium: string;
  /** The widths in pixels of a text in the fonts that the window asks for. */
  readonly textWidths: readonly number[];
}

/** Of 255, by which a colour may differ, and the share of the pixels that may differ by more: what anti-aliasing does. */
export const tolerance = { colour: 24, share: 0.0005 };

export interface Pictures {
  /** Why none can be compared here; null when they can. */
  readonly obstacle: string | null;
  /** By how much a picture differs from the stored one, in one sentence; null when it does not. Renews it when asked to. */
  check(name: string, picture: Buffer): Promise<string | null>;
}

/** Opens the stored pictures; with `renew` they are replaced one by one, and those of other names removed. */
export async function openPictures(
  browser: Browser,
  { renew, names }: { readonly renew: boolean; readonly names: readonly string[] },
): Promise<Pictures> {
  const page = await browser.newPage();
  const here: MadeWith = { chromium: browser.version(), textWidths: await measureText(page) };
  const file = path.join(folder, 'made-with.json');
  if (renew) {
    mkdirSync(folder, { recursive: true });
    const kept = new Set([...names.map((name) => `${name}.png`), 'made-with.json']);
    for (const old of readdirSync(folder)) if (!kept.has(old)) rmSync(path.join(folder, old));
    writeFileSync(file, `${JSON.stringify(here, null, 2)}\n`);
  }
  const stored = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as MadeWith) : null;
  return {
    obstacle: obstacleTo(stored, here),
    async check(name, picture) {
      const at = path.join(folder, `${name}.png`);
      if (renew) writeFileSync(at, picture);
      if (!existsSync(at)) return `there is no ${at}: npm run pictures -- --update`;
      const before = readFileSync(at);
      const share = before.equals(picture) ? 0 : await differenceOf(page, before, picture);
      if (share <= tolerance.share) return null;
      mkdirSync(differing, { recursive: true });
      writeFileSync(path.join(differing, `${name}.png`), picture);
      return `${(share * 100).toFixed(2)} % of the pixels differ from ${at}; now ${differing}/${name}.png`;
    },
  };
}

function obstacleTo(stored: MadeWith | null, here: MadeWith): string | null {
  if (stored === null) return 'no pictures are stored: npm run pictures -- --update';
  if (stored.chromium !== here.chromium)
    return `the pictures are of Chromium ${stored.chromium}, and this is ${here.chromium}`;
  return String(stored.textWidths) === String(here.textWidths)
    ? null
    : 'the pictures were taken with other fonts';
}

function measureText(page: Page): Promise<readonly number[]> {
  return page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d');
    return ['13px system-ui', '600 13px system-ui', '12px ui-monospace, monospace'].map((font) => {
      if (context === null) return 0;
      context.font = font;
      return Math.round(context.measureText('Idle GPUs 0123456789, свободные GPU').width * 100) / 100;
    });
  });
}

/** The share of the pixels that differ; 1 where the sizes do. */
export function differenceOf(page: Page, before: Buffer, now: Buffer): Promise<number> {
  return page.evaluate(
    async ({ images, mostColour }) => {
      const [a, b] = await Promise.all(
        images.map(async (image) => {
          const bitmap = await createImageBitmap(await (await fetch(image)).blob());
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
          context?.drawImage(bitmap, 0, 0);
          return context?.getImageData(0, 0, bitmap.width, bitmap.height);
        }),
      );
      if (a === undefined || b === undefined || a.width !== b.width || a.height !== b.height) return 1;
      let different = 0;
      for (let at = 0; at < a.data.length; at += 4) {
        const isFar = [0, 1, 2].some(
          (part) => Math.abs((a.data[at + part] ?? 0) - (b.data[at + part] ?? 0)) > mostColour,
        );
        if (isFar) different += 1;
      }
      return different / (a.data.length / 4);
    },
    {
      images: [before, now].map((image) => `data:image/png;base64,${image.toString('base64')}`),
      mostColour: tolerance.colour,
    },
  );
}
