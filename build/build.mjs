/** Builds the app into dist/: one bundle per program by esbuild, the window by vite. Says nothing unless it fails. */

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint, withLock } from './freshness.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');
const node = ['main/common', 'main/engine', 'main/app', 'main/demo'];
const always = ['build/build.mjs', 'package-lock.json'];

/** What is built, from which sources, by what. */
const targets = {
  electron: { sources: [...node, 'main/electron'], build: () => bundle('electron/main.mjs') },
  web: { sources: [...node, 'main/web'], build: () => bundle('web/main.mjs') },
  cli: { sources: [...node, 'main/cli'], build: () => bundle('cli/main.mjs') },
  preload: { sources: ['main/common', 'preload'], build: () => bundlePreload() },
  renderer: {
    sources: ['main/common', 'renderer', 'build/vite.config.ts', 'build/class-names.ts'],
    build: () => bundleWindow(),
  },
};

export const allTargets = Object.keys(targets);

/** Builds those of the named targets whose sources changed since they were built. Rejects with the compiler's text. */
export async function buildStale(names) {
  if (names.every(isFresh)) return;
  await withLock(path.join(dist, '.lock'), () => build(names.filter((name) => !isFresh(name))));
}

/** Builds the named targets, fresh or not. */
export async function build(names) {
  const results = await Promise.allSettled(
    names.map(async (name) => {
      // Taken before the sources are read, so that an edit meanwhile makes the result stale.
      const print = sourcesOf(name);
      await targets[name].build();
      writeFileSync(stampOf(name), print);
    }),
  );
  const reasons = results.flatMap(({ reason }) => (reason === undefined ? [] : [reason.message]));
  if (reasons.length > 0) throw new Error(reasons.join('\n'));
}

function isFresh(name) {
  try {
    return readFileSync(stampOf(name), 'utf8') === sourcesOf(name);
  } catch {
    // No stamp: never built, or not to the end.
    return false;
  }
}

function sourcesOf(name) {
  return fingerprint(root, [...always, ...targets[name].sources]);
}

function stampOf(name) {
  return path.join(dist, name, '.stamp');
}

const nodeOptions = {
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Dependencies in CommonJS ask for `require` and `__dirname` (ssh2, for a program of Windows that is not used), which a
  // module does not have.
  banner: {
    js: [
      "import { createRequire as __createRequire } from 'node:module';",
      'const require = __createRequire(import.meta.url);',
      'const __dirname = import.meta.dirname;',
    ].join('\n'),
  },
  // The optional native parts of ssh2 and chokidar: both do without. The browser's driver finds its files beside itself.
  external: ['electron', 'cpu-features', '*.node', 'fsevents', 'playwright-core'],
};

function bundle(output) {
  return bundleProgram(`main/${output.replace('.mjs', '.ts')}`, output);
}

/** Bundles a program for Node with all its libraries: `entry` from the root, `output` below dist/. */
export function bundleProgram(entry, output) {
  return runEsbuild(entry, output, nodeOptions);
}

function bundlePreload() {
  // A sandboxed preload is one CommonJS file that may require 'electron' alone.
  return runEsbuild('preload/preload.ts', 'preload/preload.cjs', {
    platform: 'browser',
    format: 'cjs',
    target: 'es2023',
    external: ['electron'],
  });
}

async function runEsbuild(entry, output, options) {
  const { build: esbuild } = await import('esbuild');
  const { outputFiles } = await esbuild({
    ...options,
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: path.join(dist, output),
    bundle: true,
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'silent',
    write: false,
  });
  for (const { path: file, contents } of outputFiles) {
    mkdirSync(path.dirname(file), { recursive: true });
    const aside = `${file}.${process.pid}`;
    writeFileSync(aside, contents);
    renameSync(aside, file);
  }
}

async function bundleWindow() {
  const { build: vite } = await import('vite');
  const aside = path.join(dist, `.renderer.${process.pid}`);
  const old = path.join(dist, `.renderer-old.${process.pid}`);
  const target = path.join(dist, 'renderer');
  try {
    await vite({
      configFile: path.join(root, 'build', 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: aside, emptyOutDir: true },
    });
    mkdirSync(target, { recursive: true });
    renameSync(target, old);
    renameSync(aside, target);
  } finally {
    rmSync(aside, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await (process.argv.includes('--stale') ? buildStale(allTargets) : build(allTargets));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
