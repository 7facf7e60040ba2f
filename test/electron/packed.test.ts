/** Packs the app with electron-builder itself, around an empty stand-in for Electron's runtime, and runs what was packed. */

import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TrayShape } from '#common/shape.ts';
import { trayIconFile } from '../../main/electron/tray-icon.ts';
import {
  appImageDesktopEntry,
  builderProgram,
  extractArchive,
  generateAppRunScript,
  listArchive,
} from '../support/builder.ts';

const root = path.join(import.meta.dirname, '..', '..');

let folder: string;
let archive: string;

beforeAll(async () => {
  run([path.join(root, 'build', 'build.mjs'), '--stale']);
  folder = await mkdtemp(path.join(tmpdir(), 'vllm-tray-packed-'));
  await pack();
  archive = path.join(folder, 'packages', 'linux-unpacked', 'resources', 'app.asar');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a program in Node and returns what it printed; throws with all of it when it fails. */
function run(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): string {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
    ...options,
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status ?? signal}\n${stdout}\n${stderr}`);
  return stdout;
}

/** electron-builder's configuration with an empty stand-in for Electron's runtime. */
let config: object;

async function pack(): Promise<void> {
  const runtime = path.join(folder, 'runtime');
  await mkdir(path.join(runtime, 'resources'), { recursive: true });
  await mkdir(path.join(runtime, 'locales'));
  for (const language of ['de', 'en-US', 'ru'])
    await writeFile(path.join(runtime, 'locales', `${language}.pak`), '');
  await writeFile(path.join(runtime, 'electron'), '');
  await chmod(path.join(runtime, 'electron'), 0o755);
  const file = path.join(folder, 'electron-builder.json');
  config = {
    extends: path.join('build', 'electron-builder.yml'),
    electronDist: runtime,
    // There is no wire of fuses in an empty file.
    electronFuses: null,
    directories: { output: path.join(folder, 'packages') },
  };
  await writeFile(file, JSON.stringify(config));
  run([builderProgram, '--linux', 'dir', `--config=${file}`, '--publish=never']);
}

it('starts an AppImage with the sandbox of Chromium wherever there can be one', async () => {
  const entry = await appImageDesktopEntry(config);
  expect(entry).toMatch(/^Exec=AppRun %U$/m);
  expect(entry).not.toContain('no-sandbox');
  // What Electron calls its windows, by `desktopName`.
  expect(entry).toMatch(/^StartupWMClass=app\.vllm-tray$/m);

  // The entry program asks whether there can be a sandbox, and only where there cannot goes on without one.
  const place = path.join(folder, 'app-image');
  const program = path.join(place, 'vllm-tray');
  await mkdir(path.join(place, 'bin'), { recursive: true });
  await writeFile(program, '#!/bin/sh\necho "started with <$*>"\n', { mode: 0o755 });
  await writeFile(
    path.join(place, 'AppRun'),
    generateAppRunScript({
      DesktopFileName: 'vllm-tray.desktop',
      ExecutableName: 'vllm-tray',
      ProductName: 'vllm-tray',
      ProductFilename: 'vllm-tray',
      ResourceName: 'appimagekit-vllm-tray',
    }),
    { mode: 0o755 },
  );
  const start = async (unshare: string, ...args: readonly string[]) => {
    await writeFile(path.join(place, 'bin', 'unshare'), `#!/bin/sh\nexit ${unshare}\n`, { mode: 0o755 });
    return spawnSync(path.join(place, 'AppRun'), args, {
      encoding: 'utf8',
      env: { PATH: `${path.join(place, 'bin')}:${process.env.PATH}`, HOME: place },
    }).stdout;
  };
  expect(await start('0')).toBe('started with <>\n');
  expect(await start('0', '--hidden')).toBe('started with <--hidden>\n');
  expect(await start('1', '--hidden')).toBe('started with <--no-sandbox --hidden>\n');
});

it('takes in what the app loads and nothing else', async () => {
  const built = await readdir(path.join(root, 'dist', 'renderer'), { recursive: true, withFileTypes: true });
  const renderer = built
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !entry.name.endsWith('.map'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  const shapes: readonly TrayShape[] = ['idle', 'none', 'attention'];
  const tray = (['linux', 'darwin', 'win32'] as const).flatMap((platform) =>
    shapes.flatMap((shape) => {
      const file = trayIconFile('build/icons/tray', shape, platform);
      return file.endsWith('.png') ? [file, file.replace('.png', '@2x.png')] : [file];
    }),
  );
  expect(renderer).toContain('dist/renderer/index.html');
  expect(listArchive(archive)).toEqual(
    [
      'build/icons/app/256x256.png',
      'dist/electron/main.mjs',
      'dist/preload/preload.cjs',
      'package.json',
      ...renderer,
      ...tray,
    ].sort(),
  );
});

it('keeps of Chromium the languages that the app speaks', async () => {
  const locales = await readdir(path.join(folder, 'packages', 'linux-unpacked', 'locales'));
  expect(locales.sort()).toEqual(['en-US.pak', 'ru.pak']);
});

it('needs no package beside Electron', async () => {
  const app = path.join(folder, 'read');
  extractArchive(archive, app);
  const provided = new Set(['electron', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
  // ssh2 tries these and does without.
  const optional = new Set(['cpu-features', './crypto/build/Release/sshcrypto.node']);
  const needed = (await imports(path.join(app, 'dist/electron/main.mjs'))).filter(
    (name) => !provided.has(name),
  );
  expect(needed.filter((name) => !optional.has(name))).toEqual([]);
  // A sandboxed preload script may require nothing else.
  expect(await imports(path.join(app, 'dist/preload/preload.cjs'))).toEqual(['electron']);
});

/** What a bundle still imports or requires. */
async function imports(file: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    external: ['*.node'],
    logLevel: 'silent',
  });
  const [input] = Object.values(metafile.inputs);
  // esbuild calls its `require` by another name in a module, and then does not see it itself.
  const hidden = [...(await readFile(file, 'utf8')).matchAll(/__require\("([^"]+)"\)/g)].map(
    ([, name = '']) => name,
  );
  return [...new Set([...(input?.imports ?? []).map(({ path: name }) => name), ...hidden])];
}

it('starts, serves its window, finds its files, scans and ends with nothing open', async () => {
  const place = path.join(folder, 'run');
  const app = path.join(place, 'app');
  extractArchive(archive, app);
  await installDouble(place);
  const driver = path.join(place, 'driver.mjs');
  await copyFile(path.join(import.meta.dirname, 'packed-driver.mjs'), driver);
  const sshConfig = path.join(place, 'config');
  await mkdir(path.join(place, 'vllm-tray'));
  await writeFile(path.join(place, 'vllm-tray', 'config.json'), JSON.stringify({ welcomed: true }));
  await writeFile(sshConfig, 'Host nowhere\n  HostName 127.0.0.1\n  Port 1\n');

  const env = {
    ...process.env,
    HOME: place,
    XDG_CONFIG_HOME: place,
    NODE_ENV: 'production',
    // Whether this very desktop shows tray icons is nothing to the test.
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${path.join(place, 'no-bus')}`,
  };
  const seen = JSON.parse(run([driver, app, sshConfig], { cwd: place, env }));
  expect(seen.served['app://vllm-tray/index.html']).toBe(200);
  expect(Object.keys(seen.served).length).toBeGreaterThan(2);
  expect(new Set(Object.values(seen.served))).toEqual(new Set([200]));
  expect(seen.files).toEqual([
    ['dist/preload/preload.cjs', true],
    ['build/icons/app/256x256.png', true],
    [trayIconFile('build/icons/tray', 'attention', process.platform), true],
  ]);
  expect(seen.exitCode).toBe(0);
});

/** The double as the package that `electron` resolves to from anywhere below `place`. */
async function installDouble(place: string): Promise<void> {
  const home = path.join(place, 'node_modules', 'electron');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'double.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: path.join(home, 'index.mjs'),
    logLevel: 'silent',
  });
  await writeFile(
    path.join(home, 'package.json'),
    JSON.stringify({ name: 'electron', exports: './index.mjs' }),
  );
}
