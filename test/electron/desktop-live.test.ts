/** What changes while the desktop face runs: its settings, where macOS shows it, and what it tells and asks of its own. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../preload/preload.ts';
import type { Settings } from '#common/settings.ts';
import { watchTrayHost } from '../../main/electron/tray-host.ts';
import type { WindowTransport } from '../../preload/preload.ts';
import { sampleForward, sampleSnapshot } from '../support/contract/sample.ts';
import { app, contextBridge, dialog, Menu, Notification, nativeTheme, resetDouble } from './double.ts';
import { readMenu } from './double-menu.ts';
import {
  createRoot,
  createScriptedEngine,
  type FaceOptions,
  type ScriptedEngine,
  startFace,
  theTray,
  theWindow,
} from './face.ts';

vi.mock('electron', () => import('./double.ts'));

const transport = contextBridge.exposed.get('vllmTray') as WindowTransport;

let folder: Awaited<ReturnType<typeof createRoot>>;
let engine: ScriptedEngine;
let terminate: () => void;

beforeEach(async () => {
  resetDouble();
  folder = await createRoot();
  engine = createScriptedEngine();
});
afterEach(async () => {
  if (app.ended === null) {
    terminate();
    await ended();
  }
  await folder.remove();
});

const ended = () => vi.waitFor(() => expect(app.ended).toBe(0));
const start = (options: Partial<FaceOptions> = {}) =>
  startFace({
    root: folder.root,
    openEngine: async () => ({ engine, dispose: engine.dispose }),
    onTermination: (quit) => {
      terminate = quit;
    },
    ...options,
  });
const change = (settings: Partial<Settings>) =>
  engine.publish({ ...engine.snapshot(), settings: { ...engine.snapshot().settings, ...settings } });

describe('settings', () => {
  it('of the theme act at once, on the ground of the open window too', async () => {
    await start();
    change({ theme: 'dark' });
    expect([nativeTheme.themeSource, theWindow().background]).toEqual(['dark', '#17191c']);
    change({ theme: 'light' });
    expect([nativeTheme.themeSource, theWindow().background]).toEqual(['light', '#ffffff']);
    nativeTheme.dark = true;
    change({ theme: 'system' });
    expect([nativeTheme.themeSource, theWindow().background]).toEqual(['system', '#17191c']);
  });

  it('of the language act at once: menu bar, tray, title and notifications', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await start();
    const menuBar = () => Menu.application?.items.map(({ label }) => label);
    expect(menuBar()).toEqual(['Edit', 'View', 'Window']);
    change({ language: 'ru' });
    expect(menuBar()).toEqual(['Правка', 'Вид', 'Окно']);
    expect(theTray().toolTip).toMatch(/^Свободно /);
    expect(readMenu(theTray().menus.at(-1) as Menu).at(-1)?.path).toBe('Выход');
    engine.publish({
      ...engine.snapshot(),
      notices: [{ id: '1', at: 1, kind: 'forward-lost', forwardIds: ['a:8000'] }],
    });
    expect(Notification.shown.map(({ options }) => options.title)).toEqual(['Проброс прерван']);
    vi.useRealTimers();
  });

  it('of the system stand until somebody chooses', async () => {
    app.languages = ['de-DE', 'ru-RU', 'en-US'];
    await start({ trayHost: watchTrayHost(async () => 'not shown') });
    expect(theWindow().getTitle()).toBe('vllm-tray – трея здесь нет: закрытие окна завершит приложение');
    change({ language: 'en' });
    expect(theWindow().getTitle()).toBe('vllm-tray – no tray available: closing the window quits');
  });

  it('of closing to the tray act with the next close', async () => {
    await start();
    change({ closeToTray: false });
    theWindow().close();
    await ended();
  });

  it("of the start at login are the system's as well", async () => {
    await start();
    const entry = path.join(folder.root, 'autostart', 'vllm-tray.desktop');
    const update = (startAtLogin: boolean) =>
      transport.request('settings.update', { change: { startAtLogin } });
    app.isPackaged = true;
    expect(await update(true)).toMatchObject({ ok: true });
    expect(await readFile(entry, 'utf8')).toContain('\nExec=');
    expect(await update(false)).toMatchObject({ ok: true });
    await expect(readFile(entry, 'utf8')).rejects.toThrow('ENOENT');
    expect(engine.calls.map(({ name }) => name)).toEqual(['settings.update', 'settings.update']);
  });

  it('that the system cannot follow at the start are told, and all else goes on', async () => {
    const refuse = () => Promise.reject(new Error('read-only'));
    const log = await start({ autostart: { set: refuse, refresh: refuse } });
    await vi.waitFor(() => expect(Notification.shown).toHaveLength(1));
    expect(log).toEqual(['warn: Something went wrong inside the app (read-only)']);
    expect(engine.told).toContain('begin');
  });
});

describe('on macOS', () => {
  const onMac = (options: Partial<FaceOptions> = {}) => start({ platform: 'darwin', ...options });

  it('the app is in the Dock while it has a window, and comes to the front with it', async () => {
    await onMac();
    expect([app.activationPolicy, app.stolenFocus]).toEqual(['regular', 1]);
    theWindow().close();
    expect(app.activationPolicy).toBe('accessory');
    app.emit('activate', {});
    expect([app.activationPolicy, app.stolenFocus]).toEqual(['regular', 2]);
    theWindow().hide();
    expect(app.activationPolicy).toBe('regular');
  });

  it('a window in full screen leaves that before it hides', async () => {
    await onMac();
    theWindow().setFullScreen(true);
    theWindow().close();
    expect([theWindow().isFullScreen(), theWindow().isVisible()]).toEqual([false, true]);
    await vi.waitFor(() => expect(theWindow().isVisible()).toBe(false));
  });

  it('the app is nowhere but in the menu bar when it starts hidden', async () => {
    await onMac({ hidden: true });
    expect(app.activationPolicy).toBe('accessory');
  });

  it('the menu bar lets text be copied and leads to the settings', async () => {
    await onMac();
    const [own, edit] = Menu.application?.items ?? [];
    expect(own?.submenu?.items.map(({ label }) => label)).toContain('Quit vllm-tray');
    expect(edit?.submenu?.items.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['cut', 'copy', 'paste', 'selectAll']),
    );
    const revealed: unknown[] = [];
    transport.on('reveal', (place) => revealed.push(place));
    own?.submenu?.items.find(({ accelerator }) => accelerator === 'Command+,')?.click();
    expect(revealed).toEqual([{ view: 'settings' }]);
  });
});

describe('closing to the tray', () => {
  const hints = () => Notification.shown.map(({ options }) => options.title);

  it('is explained once, the first time', async () => {
    await start();
    expect(hints()).toEqual([]);
    theWindow().close();
    expect(hints()).toEqual(['vllm-tray is still running in the tray']);
    theTray().emit('click');
    theWindow().close();
    expect(hints()).toHaveLength(1);
    terminate();
    await ended();
    resetDouble();
    await start();
    theWindow().close();
    expect(hints()).toEqual([]);
  });
});

describe('quitting with open forwards', () => {
  beforeEach(() => {
    engine = createScriptedEngine({ ...sampleSnapshot, forwards: [sampleForward] });
  });
  const asked = () => vi.waitFor(() => expect(dialog.questions).toHaveLength(1));

  it('asks in front of the window, and a no keeps everything', async () => {
    await start();
    app.quit();
    await asked();
    expect(dialog.questions[0]?.parent).toBe(theWindow());
    await new Promise(setImmediate);
    expect([app.ended, theWindow().isVisible()]).toEqual([null, true]);
    expect(engine.told).not.toContain('dispose');
  });

  it('asks before the last window closes, and hides it when it may', async () => {
    dialog.answer = async () => ({ response: 0, checkboxChecked: false });
    await start({ trayHost: watchTrayHost(async () => 'not shown') });
    const window = theWindow();
    window.close();
    expect(app.ended).toBeNull();
    await ended();
    expect(window.isVisible()).toBe(false);
    expect(dialog.questions).toHaveLength(1);
  });

  it('asks no more once told so', async () => {
    dialog.answer = async () => ({ response: 0, checkboxChecked: true });
    await start();
    app.quit();
    await ended();
    expect(engine.calls).toEqual([{ name: 'settings.update', input: { change: { confirmQuit: false } } }]);
  });

  it('does not ask when the system ends the app', async () => {
    await start();
    terminate();
    await ended();
    expect(dialog.questions).toEqual([]);
  });

  it('shows no window any more that somebody starts meanwhile', async () => {
    await start();
    terminate();
    app.emit('second-instance', {}, [], '/', {});
    app.emit('activate', {});
    await ended();
    expect(theTray().destroyed).toBe(true);
  });
});
