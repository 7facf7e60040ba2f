/** Every program where nothing can be written: it starts, does its work, and says so. */

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDesktopEngine } from '../../main/electron/open-engine.ts';
import { openSettingsStore } from '../../main/electron/settings-store.ts';
import { bundleForNode } from '../support/bundle.ts';
import { resetDouble } from './double.ts';
import { demoOptions } from './face.ts';

vi.mock('electron', () => import('./double.ts'));

const isRoot = process.getuid?.() === 0;
let base: string;
let sshConfigPath: string;
const mounts: string[] = [];

/** A home whose folder for configuration is of that kind; null where this computer cannot have one, which is printed. */
interface Place {
  readonly name: string;
  readonly make: (home: string) => string | null;
  /** Whether it is known before anything is written. */
  readonly isSeen: boolean;
}

function mount(folder: string, options: string): boolean {
  if (!isRoot || process.platform !== 'linux') return false;
  mkdirSync(folder, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0) return false;
  mounts.push(folder);
  return true;
}

const places: readonly Place[] = [
  {
    name: 'a home that is a file',
    isSeen: true,
    make(home) {
      writeFileSync(home, '');
      return path.join(home, 'vllm-tray');
    },
  },
  {
    name: 'a home and state folder that are read-only',
    isSeen: true,
    make(home) {
      const folder = path.join(home, 'vllm-tray');
      mkdirSync(folder, { recursive: true });
      if (isRoot) return mount(home, 'ro') ? folder : null;
      chmodSync(folder, 0o500);
      return folder;
    },
  },
  {
    name: 'a full disk',
    isSeen: false,
    make(home) {
      const folder = path.join(home, 'vllm-tray');
      if (!mount(home, 'size=16k,mode=700')) return null;
      mkdirSync(folder);
      try {
        for (let n = 0; ; n += 1) writeFileSync(path.join(home, `${n}`), Buffer.alloc(4096));
      } catch {
        // Full.
      }
      return folder;
    },
  },
];

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program with that folder for configuration, to its end or to the line that is waited for. */
function runProgram(args: readonly string[], folder: string, until?: RegExp): Promise<Ended> {
  const env = { PATH: process.env.PATH, HOME: path.dirname(folder), XDG_CONFIG_HOME: path.dirname(folder) };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (until?.test(out)) child.kill('SIGTERM');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

const notStored = 'The settings could not be stored';

/** What each program shows of the place: null where it cannot know yet. */
const programs = [
  {
    name: 'cli',
    async say(folder: string): Promise<string> {
      const script = path.join(base, 'dist', 'cli', 'main.mjs');
      const { code, out, err } = await runProgram(
        [script, 'list-hosts', '--json', '--ssh-config', sshConfigPath],
        folder,
      );
      expect([code, JSON.parse(out).hosts]).toEqual([0, [expect.objectContaining({ alias: 'lab' })]]);
      return err;
    },
  },
  {
    name: 'web',
    async say(folder: string): Promise<string> {
      const script = path.join(base, 'dist', 'web', 'main.mjs');
      const args = [script, '--no-open', '--ssh-config', sshConfigPath];
      const { code, out, err } = await runProgram(args, folder, /Open http.*\n/);
      expect([code, out]).toEqual([0, expect.stringContaining('Open http')]);
      return err;
    },
  },
  {
    name: 'desktop',
    async say(folder: string): Promise<string> {
      const lines: string[] = [];
      const store = openSettingsStore(folder, (_level, message) => lines.push(message));
      const opened = await openDesktopEngine(
        { ...demoOptions, demo: false, sshConfig: sshConfigPath },
        store,
        {
          log: () => undefined,
          secrets: null,
        },
      );
      try {
        const { engine } = opened;
        await engine.loadHosts();
        engine.begin();
        const said = engine.snapshot().problems.map(({ code }) => code);
        expect(engine.snapshot().hosts).toHaveLength(1);
        // It holds until the app ends, and is said where it was asked for.
        const change = Promise.resolve(engine.handlers['settings.update']({ change: { theme: 'dark' } }));
        await expect(change).rejects.toMatchObject({ code: 'settings-not-saved' });
        expect(engine.snapshot().settings.theme).toBe('dark');
        store.storeWindowPlacement({ x: 1, y: 2, width: 900, height: 700, maximized: false });
        expect(store.windowPlacement()).toMatchObject({ x: 1 });
        return said.includes('settings-not-saved') ? notStored : '';
      } finally {
        await opened.dispose();
      }
    },
  },
];

describe('where nothing can be written', () => {
  beforeAll(async () => {
    base = await mkdtemp(path.join(tmpdir(), 'vt-places-'));
    sshConfigPath = path.join(base, 'ssh-config');
    await writeFile(sshConfigPath, 'Host lab\n  HostName 127.0.0.1\n  Port 1\n');
    await copyFile(
      path.join(import.meta.dirname, '..', '..', 'package.json'),
      path.join(base, 'package.json'),
    );
    for (const face of ['cli', 'web'])
      await bundleForNode(`import './main/${face}/main.ts';`, path.join(base, 'dist', face, 'main.mjs'));
    mkdirSync(path.join(base, 'dist', 'renderer'));
    writeFileSync(path.join(base, 'dist', 'renderer', 'index.html'), '<!doctype html>');
  });
  afterEach(() => {
    resetDouble();
    for (const folder of mounts.splice(0)) spawnSync('umount', ['-l', folder]);
  });
  afterAll(() => rm(base, { recursive: true, force: true }));

  it.each(places.flatMap((place) => programs.map((program) => ({ place, program }))))(
    '$program.name starts in $place.name',
    async ({ place, program }) => {
      const folder = place.make(await mkdtemp(path.join(base, 'p-')).then((at) => path.join(at, 'home')));
      if (folder === null) {
        console.log(`skipped: ${program.name} on ${place.name} (needs root on Linux, to mount one)`);
        return;
      }
      const said = await program.say(folder);
      expect(said.includes(notStored)).toBe(place.isSeen);
      const how = place.isSeen ? 'starts, and says so' : 'starts, and says so when it is to store something';
      console.log(`${program.name.padEnd(8)} on ${place.name.padEnd(44)} ${how}`);
    },
  );
});
