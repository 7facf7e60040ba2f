/** What may import what, read from the imports themselves. */

import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..', '..');
const aliases = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).imports as Record<
  string,
  string
>;

/** The files of a folder, each with the files of the project that it imports; paths from the root. */
async function importsBelow(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

function importsOf(file: string, text = readFileSync(path.join(root, file), 'utf8')): readonly string[] {
  return [...text.matchAll(/^(?:import|export)\s[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm)].flatMap(
    ([, from, bare]) => {
      const name = from ?? bare ?? '';
      if (name.startsWith('.')) return path.join(path.dirname(file), name);
      const alias = Object.keys(aliases).find((one) => name.startsWith(one.replace('*', '')));
      if (alias === undefined) return [];
      return path.normalize((aliases[alias] ?? '').replace('*', name.slice(alias.length - 1)));
    },
  );
}

/** Every circle that a walk finds, as a path that ends where it begins. */
function circles(graph: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (node: string, above: readonly string[]): void => {
    if (above.includes(node)) {
      found.push([...above.slice(above.indexOf(node)), node].join(' -> '));
      return;
    }
    if (done.has(node)) return;
    for (const next of graph.get(node) ?? []) walk(next, [...above, node]);
    done.add(node);
  };
  for (const node of graph.keys()) walk(node, []);
  return found;
}

/** The same imports between rooms: what `roomOf` says of a file, or nothing. */
function betweenRooms(
  files: ReadonlyMap<string, readonly string[]>,
  roomOf: (file: string) => string | null,
): ReadonlyMap<string, ReadonlySet<string>> {
  const graph = new Map<string, Set<string>>();
  for (const [file, imports] of files) {
    const from = roomOf(file);
    if (from === null) continue;
    const arrows = graph.get(from) ?? new Set();
    graph.set(from, arrows);
    for (const to of imports.map(roomOf)) if (to !== null && to !== from) arrows.add(to);
  }
  return graph;
}

/** The first folder below `folder`; files beside those folders stand above them and are no room. */
const folderBelow =
  (folder: string) =>
  (file: string): string | null => {
    const [room, ...rest] = path.relative(folder, file).split(path.sep);
    return room === undefined || room === '..' || rest.length === 0 ? null : room;
  };

describe('no circle', () => {
  it.each([
    ['common', 'main/common', 20],
    ['this computer', 'main/engine/this-computer', 15],
  ])('joins two files of %s', async (_name, folder, most) => {
    const files = await importsBelow(folder);
    expect(files.size).toBeGreaterThan(most);
    expect(circles(betweenRooms(files, (file) => file))).toEqual([]);
  });

  it.each([
    ['the rooms of the engine', 'main/engine'],
    ['the rooms of ssh', 'main/engine/ssh'],
    ['the rooms of the window', 'renderer'],
  ])('joins %s', async (_name, folder) => {
    const rooms = betweenRooms(await importsBelow(folder), folderBelow(folder));
    expect(rooms.size).toBeGreaterThan(4);
    expect(circles(rooms)).toEqual([]);
  });

  it('would go unseen', () => {
    const graph = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c', 'a'])],
      ['c', new Set<string>()],
    ]);
    expect(circles(graph)).toEqual(['a -> b -> a']);
  });
});

it('the engine has at most 8 files beside its rooms', async () => {
  const entries = await readdir(path.join(root, 'main', 'engine'), { withFileTypes: true });
  expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name).length).toBeLessThanOrEqual(8);
});

it('what the window imports before its first paint holds no schemas', () => {
  const found = new Set(['renderer/main.tsx']);
  const withSchemas: string[] = [];
  for (const file of found) {
    if (!/\.tsx?$/.test(file)) continue;
    const text = readFileSync(path.join(root, file), 'utf8').replaceAll(/^import type [^;]*;$/gm, '');
    if (text.includes("from 'zod/mini'")) withSchemas.push(file);
    for (const imported of importsOf(file, text)) found.add(imported);
  }
  expect(found.size).toBeGreaterThan(200);
  expect(withSchemas).toEqual([]);
});
