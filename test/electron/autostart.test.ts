import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAutostart } from '../../main/electron/autostart.ts';
import { autostartEntry, canBeStarted, isOwn } from '../../main/electron/desktop-entry.ts';
import { app, resetDouble } from './double.ts';

const withoutGio = spawnSync('gio', ['help', 'launch']).status !== 0;
if (withoutGio) console.log('skipped: no desktop reads the entries, because "gio launch" (GLib) is not here');

let home: string;
let file: string;

beforeEach(async () => {
  resetDouble();
  app.isPackaged = true;
  home = await mkdtemp(path.join(tmpdir(), 'vllm-tray-autostart-'));
  file = path.join(home, '.config', 'autostart', 'vllm-tray.desktop');
});
afterEach(() => rm(home, { recursive: true }));

interface Given {
  readonly platform?: NodeJS.Platform;
  readonly env?: NodeJS.ProcessEnv;
  readonly execPath?: string;
}

const open = ({ platform = 'linux', env = {}, execPath = '/opt/vllm-tray/vllm-tray' }: Given = {}) =>
  createAutostart({ app, platform, env, home, execPath, root: '/home/me/vllm tray' });

const execOf = (entry: string) => /^Exec=(.*)$/m.exec(entry)?.[1];
const entry = () => readFile(file, 'utf8');

describe('on Linux', () => {
  it('writes one entry, and takes it away again', async () => {
    const autostart = open();
    await autostart.set(true);
    expect(execOf(await entry())).toBe('/opt/vllm-tray/vllm-tray --hidden');
    expect(await readdir(path.dirname(file))).toEqual(['vllm-tray.desktop']);
    await autostart.set(false);
    expect(await readdir(path.dirname(file))).toEqual([]);
    await autostart.set(false);
  });

  it('writes where XDG_CONFIG_HOME says, if that is a path', async () => {
    await open({ env: { XDG_CONFIG_HOME: path.join(home, 'config') } }).set(true);
    expect(await readdir(path.join(home, 'config', 'autostart'))).toEqual(['vllm-tray.desktop']);
    await open({ env: { XDG_CONFIG_HOME: 'config' } }).set(true);
    expect(await entry()).toContain('Exec=');
  });

  it('names an AppImage by its own path, not by where it is mounted', async () => {
    const execPath = '/tmp/.mount_vllmtrX1/vllm-tray';
    await open({ execPath, env: { APPIMAGE: '/home/me/My Apps/vllm-tray.AppImage' } }).set(true);
    expect(execOf(await entry())).toBe('"/home/me/My Apps/vllm-tray.AppImage" --hidden');
  });

  it('names the checkout to its Electron, and only when a person asks for it', async () => {
    app.isPackaged = false;
    const execPath = '/home/me/vllm tray/node_modules/electron/dist/electron';
    const autostart = open({ execPath, env: { APPIMAGE: '/another/app' } });
    await autostart.refresh(true);
    await expect(entry()).rejects.toThrow('ENOENT');
    await autostart.set(true);
    expect(execOf(await entry())).toBe(`"${execPath}" "/home/me/vllm tray" --hidden`);
    await autostart.refresh(false);
    expect(await entry()).toContain('Exec=');
  });

  it('follows the app to another place when that starts', async () => {
    await open().set(true);
    await open({ execPath: '/usr/local/bin/vllm-tray' }).refresh(true);
    expect(execOf(await entry())).toBe('/usr/local/bin/vllm-tray --hidden');
  });

  it('writes what is missing, and takes away what the settings do not want', async () => {
    await open().refresh(true);
    expect(await entry()).toContain('Exec=');
    await open().refresh(false);
    await expect(entry()).rejects.toThrow('ENOENT');
  });

  it.each(['Hidden=true', 'X-GNOME-Autostart-enabled=false'])(
    'leaves %s alone until it is asked for',
    async (line) => {
      await open().set(true);
      const switchedOff = `${(await entry()).replace(/X-GNOME.*\n/, '')}${line}\n`;
      await writeFile(file, switchedOff);
      await open({ execPath: '/elsewhere' }).refresh(true);
      expect(await entry()).toBe(switchedOff);
      await open().set(true);
      expect(isOwn(await entry())).toBe(true);
    },
  );

  it('leaves an entry alone that a person has put there, until it is asked for', async () => {
    const own = '[Desktop Entry]\nType=Application\nName=vllm-tray\nExec=vllm-tray --demo\n';
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, own);
    await open().refresh(false);
    await open().refresh(true);
    expect(await entry()).toBe(own);
    await open().set(false);
    await expect(entry()).rejects.toThrow('ENOENT');
  });

  it('says why it could not', async () => {
    await writeFile(path.join(home, '.config'), '');
    for (const what of [open().set(true), open().refresh(true)]) {
      await expect(what).rejects.toMatchObject({
        code: 'autostart-failed',
        detail: expect.stringContaining('ENOTDIR'),
      });
    }
    await expect(open({ execPath: '/opt/a=b/vllm-tray' }).set(true)).rejects.toMatchObject({
      detail: 'no desktop can start a program from /opt/a=b/vllm-tray',
    });
  });
});

describe.skipIf(withoutGio)('what a desktop starts from an entry', () => {
  it.each([
    'plain',
    'a b',
    `it's "quoted"`,
    '$HOME `id` $(id)',
    'back\\slash \\n \\\\',
    '100 %f %% %',
    'ünïcode ☂',
    '~tilde;semi&amp|<>*?#()',
    '-x',
    'k=v',
  ])('is exactly %j', async (name) => {
    const folder = path.join(home, name.replaceAll(/[=%]/g, ' '));
    const program = path.join(folder, 'show.sh');
    const shown = path.join(home, 'shown');
    await mkdir(folder);
    await writeFile(
      program,
      `#!/bin/sh\nfor word in "$0" "$@"; do printf '%s\\0' "$word"; done > '${shown}.new'\nmv '${shown}.new' '${shown}'\n`,
    );
    await chmod(program, 0o755);
    const desktop = path.join(home, 'test.desktop');
    await writeFile(desktop, autostartEntry([program, name, '--hidden']));
    execFileSync('gio', ['launch', desktop]);
    await vi.waitFor(async () =>
      expect((await readFile(shown, 'utf8')).split('\0').slice(0, -1)).toEqual([program, name, '--hidden']),
    );
  });
});

it('knows what no entry can name', () => {
  expect(canBeStarted(['/opt/vllm-tray', 'a=b'])).toBe(true);
  for (const command of [['/opt/a=b'], ['/opt/100%'], ['/opt/a\nb'], ['/opt/a', 'x\u0000']]) {
    expect(canBeStarted(command), JSON.stringify(command)).toBe(false);
  }
});

describe('on Windows', () => {
  const execPath = 'C:\\Programs\\vllm-tray\\vllm-tray.exe';

  it('is the login item of its own path, hidden', async () => {
    const autostart = open({ platform: 'win32', execPath });
    await autostart.set(true);
    expect(app.loginItem).toEqual({ openAtLogin: true, path: execPath, args: ['--hidden'] });
    await autostart.set(false);
    expect(app.loginItem).toBeNull();
  });

  it('quotes the path of a checkout', async () => {
    app.isPackaged = false;
    await open({ platform: 'win32', execPath }).set(true);
    expect(app.loginItem?.args).toEqual(['"/home/me/vllm tray"', '--hidden']);
  });

  it('stays off where the task manager has switched it off', async () => {
    app.loginItem = { openAtLogin: true, path: execPath, args: ['--old'], enabled: false };
    const autostart = open({ platform: 'win32', execPath });
    await autostart.refresh(true);
    expect(app.loginItem).toMatchObject({ enabled: false, args: ['--old'] });
    await autostart.set(true);
    expect(app.loginItem).toEqual({ openAtLogin: true, path: execPath, args: ['--hidden'] });
  });
});

describe('on macOS', () => {
  it('is the app itself', async () => {
    const autostart = open({ platform: 'darwin' });
    await autostart.refresh(true);
    expect(app.loginItem).toEqual({ openAtLogin: true });
    await autostart.refresh(false);
    expect(app.loginItem).toBeNull();
  });

  it('may wait for its approval, and is not asked for it again', async () => {
    const autostart = open({ platform: 'darwin' });
    vi.spyOn(app, 'setLoginItemSettings').mockImplementation((settings) => {
      app.loginItem = settings;
      app.loginStatus = 'requires-approval';
    });
    await autostart.set(true);
    await autostart.refresh(true);
    expect(app.setLoginItemSettings).toHaveBeenCalledOnce();
    vi.restoreAllMocks();
  });

  it('cannot be a checkout, and is none to switch off', async () => {
    app.isPackaged = false;
    const autostart = open({ platform: 'darwin' });
    await expect(autostart.set(true)).rejects.toMatchObject({
      code: 'autostart-failed',
      detail: 'only the packaged app can do that on macOS',
    });
    await autostart.set(false);
    expect(app.loginItem).toBeNull();
  });
});

it('does not believe a system that does nothing', async () => {
  vi.spyOn(app, 'setLoginItemSettings').mockImplementation(() => undefined);
  await expect(open({ platform: 'win32' }).set(true)).rejects.toMatchObject({
    detail: 'the system did not take it',
  });
  vi.restoreAllMocks();
});
