/**
 * Renders the icons from `build/icons/source/*.svg` with Chromium: `node build/icons.mjs`. What it writes is committed; only a
 * changed drawing needs another run, and a test tells when it was forgotten.
 */

import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.join(import.meta.dirname, 'icons');

// The first is the accent of the window; each has at least 3:1 against a white and against a black panel.
const trayColours = { idle: '#0f9381', none: '#858c96', attention: '#e0650d' };

/** Up to here there is a drawing of its own, whose edges fall between pixels. */
const smallest = 32;

// Apple's icons leave a tenth of their square free all around; the drawing itself leaves three hundredths.
const macScale = 0.86;

const largestBitmap = 64;

// Types of PNG entries in an ICNS file by size in pixels, with @2x types of half the size:
// https://en.wikipedia.org/wiki/Apple_Icon_Image_format
const icnsTypes = [
  ['icp4', 16],
  ['ic11', 32],
  ['icp5', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic08', 256],
  ['ic13', 256],
  ['ic09', 512],
  ['ic14', 512],
  ['ic10', 1024],
];

/** Draws all icons on a page of Chromium. Resolves with their contents by name below `build/icons`. */
export async function drawIcons(page) {
  const icons = new Map();
  const app = (size, scale = 1) =>
    size > smallest ? render(page, 'app.svg', { size, scale }) : render(page, 'app-small.svg', { size });
  for (const size of [16, 32, 48, 64, 128, 256, 512])
    icons.set(`app/${size}x${size}.png`, (await app(size)).png);
  icons.set('app.ico', ico(await Promise.all([16, 24, 32, 48, 64, 128, 256].map((size) => app(size)))));
  icons.set(
    'app.icns',
    icns(
      await Promise.all(icnsTypes.map(async ([type, size]) => ({ type, ...(await app(size, macScale)) }))),
    ),
  );
  for (const [shape, colour] of Object.entries(trayColours)) {
    const draw = (size) => render(page, `tray-${shape}.svg`, { size, colour });
    const drawBlack = (size) => render(page, `tray-${shape}.svg`, { size, colour: 'black' });
    // Linux takes PNG, Windows an icon with every size its taskbar asks for, macOS a black template that it tints itself.
    icons.set(`tray/${shape}.png`, (await draw(22)).png);
    icons.set(`tray/${shape}@2x.png`, (await draw(44)).png);
    icons.set(`tray/${shape}.ico`, ico(await Promise.all([16, 20, 24, 32, 48].map(draw))));
    icons.set(`tray/${shape}Template.png`, (await drawBlack(16)).png);
    icons.set(`tray/${shape}Template@2x.png`, (await drawBlack(32)).png);
  }
  return icons;
}

/**
 * Draws an SVG at a size in pixels, in the middle where it is scaled: its PNG, and up to the size of the largest bitmap also
 * its pixels as RGBA from the top left.
 */
async function render(page, name, { size, scale = 1, colour = 'black' }) {
  const svg = (await readFile(path.join(folder, 'source', name), 'utf8')).replaceAll('currentColor', colour);
  const drawn = await page.evaluate(
    async ({ svg, size, scale, bitmaps }) => {
      const image = new Image(size, size);
      image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = size;
      const context = canvas.getContext('2d');
      const edge = ((1 - scale) / 2) * size;
      context.drawImage(image, edge, edge, size * scale, size * scale);
      return {
        png: canvas.toDataURL('image/png').split(',')[1],
        rgba: size > bitmaps ? [] : [...context.getImageData(0, 0, size, size).data],
      };
    },
    { svg, size, scale, bitmaps: largestBitmap },
  );
  return { size, png: Buffer.from(drawn.png, 'base64'), rgba: Uint8Array.from(drawn.rgba) };
}

/** A Windows icon. Its small images are bitmaps, which every reader of icons knows; larger ones are PNG to stay small. */
function ico(images) {
  const bodies = images.map((image) => (image.size > largestBitmap ? image.png : bitmap(image)));
  const directory = Buffer.alloc(6 + 16 * images.length);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(images.length, 4);
  let offset = directory.length;
  images.forEach(({ size }, index) => {
    const at = 6 + 16 * index;
    directory.writeUInt8(size % 256, at);
    directory.writeUInt8(size % 256, at + 1);
    directory.writeUInt16LE(1, at + 4);
    directory.writeUInt16LE(32, at + 6);
    directory.writeUInt32LE(bodies[index].length, at + 8);
    directory.writeUInt32LE(offset, at + 12);
    offset += bodies[index].length;
  });
  return Buffer.concat([directory, ...bodies]);
}

/** BITMAPINFOHEADER, BGRA rows from the bottom, then an empty mask: the alpha channel says it all. */
function bitmap({ size, rgba }) {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40, 0);
  header.writeInt32LE(size, 4);
  header.writeInt32LE(2 * size, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(32, 14);
  const pixels = Buffer.alloc(4 * size * size);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const [r, g, b, a] = rgba.subarray(4 * ((size - 1 - y) * size + x));
      pixels.set([b, g, r, a], 4 * (y * size + x));
    }
  }
  const mask = Buffer.alloc(Math.ceil(size / 32) * 4 * size);
  return Buffer.concat([header, pixels, mask]);
}

function icns(images) {
  const entries = images.map(({ type, png }) => {
    const head = Buffer.alloc(8);
    head.write(type, 0, 'latin1');
    head.writeUInt32BE(8 + png.length, 4);
    return Buffer.concat([head, png]);
  });
  const head = Buffer.alloc(8);
  head.write('icns', 0, 'latin1');
  head.writeUInt32BE(8 + entries.reduce((sum, entry) => sum + entry.length, 0), 4);
  return Buffer.concat([head, ...entries]);
}

async function writeAll() {
  const { chromium } = await import('playwright-core');
  const executablePath = [
    process.env.CHROMIUM_PATH ?? '',
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
  ].find(existsSync);
  if (executablePath === undefined) throw new Error('Chromium is needed; CHROMIUM_PATH may name it');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    for (const [name, content] of await drawIcons(await browser.newPage())) {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
      console.log(`${name}: ${content.length} bytes`);
    }
  } finally {
    await browser.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeAll();
