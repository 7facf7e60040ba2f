import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { defaultSettings } from '#common/settings.ts';
import { openSettingsStore } from '../../main/electron/settings-store.ts';
import { resetDouble } from './double.ts';

vi.mock('electron', () => import('./double.ts'));

const placement = { x: 1, y: 2, width: 900, height: 700, maximized: false };
let cwd: string;
let file: string;
let lines: string[];

beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'vllm-tray-settings-'));
  file = path.join(cwd, 'config.json');
  lines = [];
});
afterEach(async () => {
  resetDouble();
  await rm(cwd, { recursive: true });
});

const open = () => openSettingsStore(cwd, (level, message) => void lines.push(`${level}: ${message}`));

it('begins with the defaults and remembers the place of the window', () => {
  const first = open();
  expect(first.settings).toEqual(defaultSettings);
  expect(first.windowPlacement()).toBeUndefined();
  first.storeWindowPlacement(placement);
  expect(first.windowPlacement()).toEqual(placement);
  expect(open().windowPlacement()).toEqual(placement);
  expect(lines).toEqual([]);
});

it('tells the first hide from those after it, over restarts too', () => {
  expect([open().isFirstHide(), open().isFirstHide()]).toEqual([true, false]);
});

it('takes what is usable, reports the rest and changes neither in the file', async () => {
  const stored = { theme: 'dark', closeToTray: 'perhaps', fromTheFuture: { a: 1 } };
  await writeFile(file, JSON.stringify(stored));
  const store = open();
  expect(store.settings).toEqual({ ...defaultSettings, theme: 'dark' });
  expect(lines).toEqual(['warn: The settings file contained invalid values (closeToTray)']);
  store.storeWindowPlacement(placement);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ ...stored, window: placement });
});

it('keeps a file that is not JSON before it writes another', async () => {
  await writeFile(file, '{ "theme": "dark", ');
  const store = open();
  expect(store.settings).toEqual(defaultSettings);
  store.storeWindowPlacement(placement);
  expect(await readFile(`${file}.broken`, 'utf8')).toBe('{ "theme": "dark", ');
  expect(open().windowPlacement()).toEqual(placement);
  expect(lines).toEqual([expect.stringContaining('is not JSON; it is kept as')]);
});

it('goes on where the settings cannot be read or written', async () => {
  const blocked = path.join(cwd, 'file');
  await writeFile(blocked, '');
  const store = openSettingsStore(path.join(blocked, 'below'), (_level, message) => lines.push(message));
  expect(store.settings).toEqual(defaultSettings);
  store.storeWindowPlacement(placement);
  expect(store.windowPlacement()).toEqual(placement);
  expect(lines).toEqual([expect.stringContaining(`${blocked} is no folder`)]);
});
