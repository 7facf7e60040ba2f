/**
 * Every class has one owner. A sheet `Name.module.css` stands beside its component and is imported in its own room alone; every class
 * in it is used there, and every class that is used is in it. Global are the tokens, base and controls, whose classes any component may write.
 */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..', '..', 'renderer');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) =>
  file.replaceAll('\\', '/'),
);
const sheets = files.filter((file) => file.endsWith('.module.css'));
const globalSheets = files.filter((file) => file.endsWith('.css') && !sheets.includes(file));
const sources = files.filter((file) => /\.tsx?$/.test(file));

/** The names that uPlot gives to what it draws. */
const isOfLibrary = (name: string) => name === 'uplot' || name.startsWith('u-');

interface Classes {
  /** Of the sheet itself. */
  readonly own: ReadonlySet<string>;
  /** In `:global()`. */
  readonly others: ReadonlySet<string>;
}

/** The classes that the selectors of a sheet name. */
function classesOf(sheet: string): Classes {
  const selectors = [...sheet.replaceAll(/\/\*[\s\S]*?\*\/|"[^"]*"/g, '').matchAll(/[^{};]+(?=\{)/g)]
    .map(([head]) => head.trim())
    .filter((head) => !/^(?:@|from$|to$|[\d.]+%)/.test(head));
  const names = (texts: readonly string[]) =>
    new Set(texts.flatMap((text) => [...text.matchAll(/\.([a-z][\w-]*)/gi)].map(([, name = '']) => name)));
  const wrapped = selectors.flatMap((text) => text.match(/:global\([^)]*\)/g) ?? []);
  return {
    own: names(selectors.map((text) => text.replaceAll(/:global\([^)]*\)/g, ''))),
    others: names(wrapped),
  };
}

/** The classes that a source takes out of sheets, by the path of the sheet. */
function takenBy(file: string): ReadonlyMap<string, readonly string[]> {
  const text = read(file);
  const imports = [...text.matchAll(/import (\w+) from '([^']+\.module\.css)';/g)];
  return new Map(
    imports.map(([, name = '', from = '']) => [
      path.posix.join(path.posix.dirname(file), from),
      [...text.matchAll(new RegExp(`\\b${name}\\.(\\w+)`, 'g'))].map(([, key = '']) => key),
    ]),
  );
}

/** The classes that a source writes as text. */
function writtenIn(text: string): readonly string[] {
  const places = text.match(/\bclassName(?:=\{`[^`]*`\}|=\{[^}]*\}|[:=] ?['"][^'"\n]*['"])/g) ?? [];
  return places
    .map((place) => place.replaceAll(/\$\{[^}]*\}/g, ' ').replaceAll(/=== '[^']*'/g, ''))
    .flatMap((place) => place.match(/(['"`])[^'"`]*\1/g) ?? [])
    .flatMap((literal) => literal.slice(1, -1).split(/\s+/))
    .filter(Boolean);
}

const taken = sources.map((file) => ({ file, bySheet: takenBy(file) }));
const written = sources.map((file) => ({ file, names: writtenIn(read(file)) }));
const globals = new Set(globalSheets.flatMap((file) => [...classesOf(read(file)).own]));

describe.each(sheets)('%s', (sheet) => {
  const { own, others } = classesOf(read(sheet));
  const users = taken.filter(({ bySheet }) => bySheet.has(sheet));

  it('stands beside its component, and only that room imports it', () => {
    expect(files).toContain(sheet.replace('.module.css', '.tsx'));
    expect(
      users.map(({ file }) => path.posix.dirname(file)).filter((room) => room !== path.posix.dirname(sheet)),
    ).toEqual([]);
  });

  it('has the classes that are used, and no other', () => {
    const used = new Set(users.flatMap(({ bySheet }) => bySheet.get(sheet) ?? []));
    expect([...used].sort()).toEqual([...own].sort());
  });

  it('names nothing but its own, the global ones and the library', () => {
    expect([...others].filter((name) => !globals.has(name) && !isOfLibrary(name))).toEqual([]);
  });
});

it('has no two sheets of one name, for classes are called after it', () => {
  const names = sheets.map((sheet) => path.posix.basename(sheet));
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

it('has no global sheet but tokens, base and controls', () => {
  expect(globalSheets.sort()).toEqual(['base', 'controls', 'tokens'].map((name) => `styles/${name}.css`));
});

it('writes as text only classes of global sheets', () => {
  const wrong = written.flatMap(({ file, names }) =>
    names.filter((name) => !globals.has(name)).map((name) => `${file}: ${name}`),
  );
  expect(wrong).toEqual([]);
});

it('has no global class that no source writes', () => {
  const words = new Set(sources.flatMap((file) => read(file).split(/[^\w-]+/)));
  expect([...globals].filter((name) => !words.has(name))).toEqual([]);
});

it('reads sheets and sources as they are written', () => {
  const sheet =
    '.a > .b-c[data-x=".no"]:hover, .d :global(.button) { top: 1.5rem } @media (x) { .e { top: 0 } }';
  expect(classesOf(sheet)).toEqual({ own: new Set(['a', 'b-c', 'd', 'e']), others: new Set(['button']) });
  const source = `className="a b" className={x === 'no' ? 'c' : css.d} className={\`\${css.e} f\`} className: 'g'`;
  expect(writtenIn(source)).toEqual(['a', 'b', 'c', 'f', 'g']);
});
