/** The list of what each layer may import: the compiler reads what follows from it, and the imports keep it. */

import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Layer {
  readonly folder: string;
  readonly on: 'anything' | 'node' | 'page' | 'window';
  readonly packages: readonly string[];
}

const root = path.join(import.meta.dirname, '..', '..', '..');
const { layers, configurations } = (await import(
  pathToFileURL(path.join(root, 'build', 'layers.mjs')).href
)) as {
  readonly layers: Readonly<Record<string, Layer>>;
  readonly configurations: () => Readonly<Record<string, unknown>>;
};

const json = (...file: readonly string[]) => JSON.parse(readFileSync(path.join(root, ...file), 'utf8'));

describe('the configurations of the compiler', () => {
  it.each(Object.entries(configurations()))('%s is as build/layers.mjs writes it', (name, config) => {
    expect(json('build', 'tsconfig', name)).toEqual(config);
  });

  it('are all that the program consists of', async () => {
    const written = Object.keys(configurations());
    const files = (await readdir(path.join(root, 'build', 'tsconfig'))).filter((name) =>
      /^(?!base).*\.json$/.test(name),
    );
    expect(files.sort()).toEqual([...written].sort());
    const named = json('tsconfig.json').references.map((one: { path: string }) => path.basename(one.path));
    expect(named.sort()).toEqual([...written].sort());
  });
});

const source = /^\s*(?:import|export)\s[^'";]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|import\('([^']+)'\)/gm;

/** The packages that the files of a layer import, in any way, without subpaths. */
async function packagesOf({ folder }: Layer): Promise<readonly string[]> {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name));
  const names = files.flatMap((file) => {
    const text = readFileSync(path.join(file.parentPath, file.name), 'utf8');
    return [...text.matchAll(source)].map(([, from, bare, later]) => from ?? bare ?? later ?? '');
  });
  const bare = names.filter((name) => !/^[.#]/.test(name) && !name.startsWith('node:'));
  return [...new Set(bare.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name))].sort();
}

describe('a layer imports the packages of its list, and no other', () => {
  it.each(Object.entries(layers))('%s', async (_name, layer) => {
    expect(await packagesOf(layer)).toEqual([...layer.packages].sort());
    expect(layer.packages.filter((name) => builtinModules.includes(name))).toEqual([]);
  });
});
