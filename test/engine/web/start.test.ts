/** `npm start`: which face opens, and what is said when it is not the desktop's. Linux only: there a display can be missing. */

import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const isLinux = process.platform === 'linux';
if (!isLinux) console.log('skipped: choosing a face (needs Linux)');

const build = path.resolve(import.meta.dirname, '../../../build');
const isRoot = process.getuid?.() === 0;
// The user `nobody`: Electron is not run as root.
const nobody = { uid: 65_534, gid: 65_534 };

let root: string;
const groups: number[] = [];

/** A checkout with the real start script, and a stand-in for what it would build and fetch. */
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'vllm-tray-start-'));
  await chmod(root, 0o755);
  await cp(path.join(build, 'start.mjs'), path.join(root, 'build', 'start.mjs'));
  await cp(path.join(build, 'electron-runtime.mjs'), path.join(root, 'build', 'electron-runtime.mjs'));
  await write('build/build.mjs', 'export const buildStale = async () => undefined;');
  await write('dist/web/main.mjs', "console.log('browser face', process.argv.slice(2).join(' '));");
  await write('node_modules/electron/package.json', '{"name":"electron","version":"45.4.1"}');
});
afterEach(async () => {
  for (const group of groups.splice(0)) endGroup(group);
  await rm(root, { recursive: true, force: true });
});

/** Whatever a failed test left running; nothing of a test that passed is there any more. */
function endGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // ESRCH: all of it has ended.
  }
}

async function write(name: string, text: string, mode = 0o644): Promise<void> {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text, { mode });
}

async function installElectron(script: string): Promise<void> {
  await write('node_modules/electron/dist/version', 'v45.4.1');
  await write('node_modules/electron/path.txt', 'electron');
  await write('node_modules/electron/dist/electron', `#!/bin/sh\n${script}\n`, 0o755);
}

interface Result {
  readonly lines: readonly string[];
  readonly err: string;
  readonly code: number | null;
}

interface StartOptions {
  readonly args?: readonly string[];
  readonly display?: string;
  readonly asRoot?: boolean;
  readonly meanwhile?: (child: ChildProcess, out: () => string) => void;
}

function start({ args = [], display = ':9', asRoot = false, meanwhile }: StartOptions = {}): Promise<Result> {
  const child = spawn(process.execPath, [path.join(root, 'build', 'start.mjs'), ...args], {
    env: { PATH: process.env.PATH, DISPLAY: display },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(isRoot && !asRoot && nobody),
  });
  if (child.pid !== undefined) groups.push(child.pid);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    meanwhile?.(child, () => out);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve) =>
    child.on('close', (code) => resolve({ lines: out.trimEnd().split('\n'), err, code })),
  );
}

describe.skipIf(!isLinux)('npm start', () => {
  it('opens the desktop face with the options it was given', async () => {
    await installElectron('echo "desktop face: $@"; exit 0');
    expect(await start({ args: ['--demo'] })).toEqual({
      lines: [`desktop face: ${root} --demo`],
      err: '',
      code: 0,
    });
  });

  it('opens the browser face when asked to, without a word about it', async () => {
    await installElectron('echo "desktop face"');
    const { lines, code } = await start({ args: ['--web', '--demo'] });
    expect(lines).toEqual(['browser face --web --demo']);
    expect(code).toBe(0);
  });

  it('goes on in the browser without a display', async () => {
    await installElectron('echo "desktop face"');
    expect((await start({ display: '' })).lines).toEqual([
      'No desktop window: there is no display. Going on in the browser.',
      'browser face',
    ]);
  });

  it.skipIf(!isRoot)('goes on in the browser as root (needs root)', async () => {
    await installElectron('echo "desktop face"');
    expect((await start({ asRoot: true })).lines[0]).toBe(
      'No desktop window: Electron would run as root without its sandbox. Going on in the browser.',
    );
  });

  it('says in one line why Electron could not be fetched', async () => {
    await write('node_modules/electron/install.js', "throw new TypeError('fetch failed');");
    const { lines, err, code } = await start();
    expect(lines).toEqual([
      'No desktop window: Electron could not be fetched (fetch failed; "npx install-electron" does it without a time limit). Going on in the browser.',
      'browser face',
    ]);
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  it('fetches Electron without a word where that works', async () => {
    await mkdir(path.join(root, 'node_modules/electron/dist'));
    await chmod(path.join(root, 'node_modules/electron'), 0o777);
    await chmod(path.join(root, 'node_modules/electron/dist'), 0o777);
    await write(
      'node_modules/electron/install.js',
      `const fs = require('node:fs');
      console.log('Downloading: 100%');
      fs.writeFileSync(__dirname + '/dist/version', 'v45.4.1');
      fs.writeFileSync(__dirname + '/dist/electron', '#!/bin/sh\\necho desktop face', { mode: 0o755 });
      fs.writeFileSync(__dirname + '/path.txt', 'electron');`,
    );
    expect(await start()).toEqual({ lines: ['desktop face'], err: '', code: 0 });
  });

  it('goes on in the browser, with the cause, when Electron cannot start', async () => {
    await installElectron(
      'echo "electron: error while loading shared libraries: libgtk-3.so.0: cannot open" >&2; exit 127',
    );
    const { lines, err, code } = await start();
    expect(lines).toEqual([
      'No desktop window: Electron did not start (electron: error while loading shared libraries: libgtk-3.so.0: cannot open). Going on in the browser.',
      'browser face',
    ]);
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  it('leaves a wrong option to the desktop face', async () => {
    await installElectron('echo "--ssh-config needs a value" >&2; exit 2');
    expect(await start()).toEqual({ lines: [''], err: '--ssh-config needs a value\n', code: 2 });
  });

  it('ends with the desktop face on SIGTERM, which is no failure to start', async () => {
    await installElectron('trap "exit 0" TERM; echo up; while :; do sleep 0.05; done');
    let sent = false;
    const { lines, code } = await start({
      meanwhile(child, out) {
        if (sent || !out().includes('up')) return;
        sent = true;
        child.kill('SIGTERM');
      },
    });
    expect(lines).toEqual(['up']);
    expect(code).toBe(0);
  });
});
