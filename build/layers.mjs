/**
 * What each layer of the program may import: the one list from which the files in build/tsconfig follow, and with them what
 * compiles. `node build/layers.mjs` writes them anew after a change here; a test fails while they differ.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

/**
 * By the name of the layer: its folder, the layers and the packages that it may import, and where it runs, which gives it the
 * types of that place. Packages are named without their subpaths.
 */
export const layers = {
  common: { folder: 'main/common', on: 'anything', layers: [], packages: ['zod'] },
  engine: {
    folder: 'main/engine',
    on: 'node',
    layers: ['common'],
    packages: [
      '@fastify/busboy',
      '@streamparser/json',
      'eventsource-parser',
      'leven',
      'p-limit',
      'ssh2',
      'zod',
    ],
  },
  app: { folder: 'main/app', on: 'node', layers: ['common', 'engine'], packages: ['env-paths'] },
  electron: {
    folder: 'main/electron',
    on: 'node',
    layers: ['common', 'engine', 'app', 'demo'],
    packages: ['electron', 'electron-store', 'zod'],
  },
  preload: { folder: 'preload', on: 'page', layers: ['common'], packages: ['electron'] },
  web: {
    folder: 'main/web',
    on: 'node',
    layers: ['common', 'engine', 'app', 'demo'],
    packages: ['ws', 'zod'],
  },
  cli: {
    folder: 'main/cli',
    on: 'node',
    layers: ['common', 'engine', 'app', 'demo'],
    packages: ['commander', 'leven'],
  },
  demo: { folder: 'main/demo', on: 'node', layers: ['common'], packages: ['ssh2'] },
  renderer: {
    folder: 'renderer',
    on: 'window',
    layers: ['common'],
    packages: ['@tanstack/react-virtual', 'react', 'react-dom', 'uplot'],
  },
};

const places = {
  anything: { types: [] },
  node: { types: ['node'] },
  page: { types: [], lib: ['es2023', 'dom'] },
  window: { types: [], lib: ['es2023', 'dom', 'dom.iterable'], jsx: 'react-jsx' },
};

const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** Every package that could be imported; those of types hold nothing to import. */
const packages = Object.keys({ ...dependencies, ...devDependencies })
  .filter((name) => !name.startsWith('@types/'))
  .sort();

/**
 * What does not compile in a layer. Packages of common stay readable everywhere, because the types of the contract are made of
 * them.
 */
function forbidden({ packages: allowed }) {
  const names = packages.filter((name) => !allowed.includes(name) && !layers.common.packages.includes(name));
  return Object.fromEntries(
    names.flatMap((name) => [name, `${name}/*`]).map((name) => [name, ['./forbidden.d.ts']]),
  );
}

/** The configurations of the compiler by the name of their file. The tests may import anything. */
export function configurations() {
  const project = (name, options, include, references) => ({
    extends: './base.json',
    compilerOptions: {
      ...options,
      outDir: '../../dist/types',
      tsBuildInfoFile: `../../dist/types/${name}.tsbuildinfo`,
    },
    include,
    ...(references.length > 0 && { references: references.map((one) => ({ path: `./${one}.json` })) }),
  });
  const sources = (folder, { jsx }) =>
    (jsx === undefined ? ['ts'] : ['ts', 'tsx']).map((ending) => `../../${folder}/**/*.${ending}`);
  const test = { ...places.window, types: ['node'] };
  return {
    ...Object.fromEntries(
      Object.entries(layers).map(([name, layer]) => [
        `${name}.json`,
        project(
          name,
          { ...places[layer.on], paths: forbidden(layer) },
          sources(layer.folder, places[layer.on]),
          layer.layers,
        ),
      ]),
    ),
    'test.json': project('test', test, sources('test', test), Object.keys(layers)),
  };
}

if (process.argv[1] === import.meta.filename) {
  const folder = path.join(root, 'build', 'tsconfig');
  const files = Object.entries(configurations()).map(([name, config]) => {
    const file = path.join(folder, name);
    writeFileSync(file, JSON.stringify(config));
    return file;
  });
  const biome = path.join(root, 'node_modules', '.bin', 'biome');
  const { status } = spawnSync(biome, ['format', '--config-path=build/lint.json', '--write', ...files], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exit(status ?? 1);
}
