/** Reads the icon files that the build makes. */

import { expect } from 'vitest';

export interface IconImage {
  /** In pixels, as the file's directory names it. */
  readonly size: number;
  /** A PNG, or of a Windows icon a bitmap. */
  readonly content: Buffer;
}

/** The images of a Windows icon; fails where its directory does not fit its contents. */
export function readIco(file: Buffer): readonly IconImage[] {
  expect([file.readUInt16LE(0), file.readUInt16LE(2)]).toEqual([0, 1]);
  const images = Array.from({ length: file.readUInt16LE(4) }, (_, index) => {
    const entry = file.subarray(6 + 16 * index, 22 + 16 * index);
    const at = entry.readUInt32LE(12);
    return { size: entry.readUInt8(0) || 256, content: file.subarray(at, at + entry.readUInt32LE(8)) };
  });
  const directory = 6 + 16 * images.length;
  expect(images.reduce((sum, { content }) => sum + content.length, directory)).toBe(file.length);
  return images;
}

/** The PNGs of a macOS icon by their type. */
export function readIcns(file: Buffer): ReadonlyMap<string, Buffer> {
  expect([file.toString('latin1', 0, 4), file.readUInt32BE(4)]).toEqual(['icns', file.length]);
  const found = new Map<string, Buffer>();
  for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4)) {
    found.set(file.toString('latin1', at, at + 4), file.subarray(at + 8, at + file.readUInt32BE(at + 4)));
  }
  return found;
}

export const isBitmap = (content: Buffer): boolean => content.readUInt32LE(0) === 40;

/** Width and height of an image; a bitmap in an icon claims twice its height: the picture, then its mask. */
export function sizeOf(content: Buffer): readonly number[] {
  if (isBitmap(content)) return [content.readInt32LE(4), content.readInt32LE(8) / 2];
  expect(content.toString('latin1', 0, 8)).toBe('\x89PNG\r\n\x1a\n');
  return [content.readUInt32BE(16), content.readUInt32BE(20)];
}
