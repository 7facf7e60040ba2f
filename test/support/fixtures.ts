import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'vitest';

export interface Fixture {
  readonly name: string;
  readonly text: string;
  /** The same as it lies on the disk, for what is no UTF-8. */
  readonly bytes: Uint8Array;
}

const root = new URL('../../../shared/fixtures/', import.meta.url);

/** The files of one folder of ../shared/fixtures beside the checkout; null when the folder is not there. */
function readFixtures(folder: string): readonly Fixture[] | null {
  const url = new URL(`${folder}/`, root);
  if (!existsSync(url)) return null;
  return readdirSync(url).map((name) => {
    const bytes = readFileSync(new URL(name, url));
    return { name, text: bytes.toString('utf8'), bytes };
  });
}

/** Declares tests over real files; without the folder they are one skipped test that says why. */
export function describeFixtures(folder: string, declare: (files: readonly Fixture[]) => void): void {
  describe(`../shared/fixtures/${folder}`, () => {
    const files = readFixtures(folder);
    if (files === null) test.skip(`the folder ../shared/fixtures/${folder} is not beside this checkout`);
    else declare(files);
  });
}
