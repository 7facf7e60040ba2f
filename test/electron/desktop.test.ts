import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../preload/preload.ts';
import { applyPatch, type Patch } from '#common/patch.ts';
import { listenToOtherStarts } from '../../main/electron/other-starts.ts';
import { type TrayHost, watchTrayHost } from '../../main/electron/tray-host.ts';
import type { WindowTransport } from '../../preload/preload.ts';
import { sampleForward, sampleSnapshot } from '../support/contract/sample.ts';
import {
  app,
  clipboard,
  contextBridge,
  dialog,
  Menu,
  Notification,
  nativeTheme,
  powerMonitor,
  protocol,
  resetDouble,
  screen,
  session,
  Tray,
} from './double.ts';
import { clickMenu } from './double-menu.ts';
import { BrowserWindow, createWebContents, PreventableEvent } from './double-window.ts';
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

beforeEach(async () => {
  resetDouble();
  folder = await createRoot();
  engine = createScriptedEngine();
});
afterEach(() => folder.remove());

const start = (options: Partial<FaceOptions> = {}) =>
  startFace({
    root: folder.root,
    openEngine: async () => ({
      engine,
      async dispose() {
        await engine.dispose();
        engine.told.push('source');
      },
    }),
    ...options,
  });

const roles = (menu: Menu | null): readonly unknown[] =>
  menu?.items.flatMap(({ role, submenu }) => [role, ...roles(submenu)]) ?? [];
const latestMenu = () => theTray().menus.at(-1) as Menu;

describe('when it starts', () => {
  it('shows the window, then scans', async () => {
    expect(await start()).toEqual([]);
    await vi.waitFor(() => expect(engine.told).toContain('shown'));
    expect(theWindow().isVisible()).toBe(true);
    expect(theWindow().webContents.mainFrame.url).toBe('app://vllm-tray/index.html');
    expect(engine.told.filter((what) => what !== 'shown')).toEqual(['loadHosts', 'begin']);
    expect(protocol.handlers.has('app')).toBe(true);
    expect(session.defaultSession.requestHandler).not.toBeNull();
    expect(Menu.application).not.toBeNull();
  });

  it('gives the page nothing but its preload script', async () => {
    await start();
    expect(theWindow().options.webPreferences).toEqual({
      preload: path.join(folder.root, 'dist/preload/preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: true,
    });
  });

  it('has no developer tools once packaged', async () => {
    app.isPackaged = true;
    await start();
    expect(theWindow().options.webPreferences?.devTools).toBe(false);
    expect(roles(Menu.application)).toContain('copy');
    expect(roles(Menu.application)).not.toContain('toggleDevTools');
  });

  it('guards its window and whatever else may be made', async () => {
    await start();
    for (const contents of [theWindow().webContents, createWebContents()]) {
      expect(contents.openHandler?.({ url: 'https://example.org/' } as never)).toEqual({ action: 'deny' });
      expect(contents.listenerCount('will-frame-navigate')).toBe(1);
    }
  });

  it('stays in the tray when told to, and makes its window when that is asked for', async () => {
    await start({ hidden: true });
    expect(BrowserWindow.all).toEqual([]);
    expect(engine.told).toEqual(['hidden', 'loadHosts', 'begin']);
    clickMenu(latestMenu(), 'Open window');
    await vi.waitFor(() => expect(theWindow().isVisible()).toBe(true));
    expect(engine.told.at(-1)).toBe('shown');
  });

  it('shows its window all the same while nobody has agreed to what it contacts', async () => {
    engine = createScriptedEngine({ ...sampleSnapshot, source: { kind: 'ssh-config', path: '/c' } });
    await start({ hidden: true });
    expect(theWindow().options.show).toBe(false);
    await vi.waitFor(() => expect(theWindow().isVisible()).toBe(true));
  });

  it('fails when there is no built window', async () => {
    await folder.remove();
    folder = await createRoot();
    await expect(start({ root: path.join(folder.root, 'dist') })).rejects.toThrow('ENOENT');
    expect(dialog.errors).toEqual([]);
  });
});

describe('the window and the tray', () => {
  it('make the same call of the engine', async () => {
    await start();
    clickMenu(latestMenu(), 'Rescan');
    await transport.request('scan.start', {});
    expect(engine.calls).toEqual([
      { name: 'scan.start', input: {} },
      { name: 'scan.start', input: {} },
    ]);
  });

  it('see what the engine publishes', async () => {
    await start();
    let seen = sampleSnapshot;
    transport.on('patch', (patch) => {
      const next = applyPatch(seen, patch as Patch);
      if (next !== 'gap') seen = next;
    });
    const published = { ...sampleSnapshot, forwards: [sampleForward] };
    engine.publish(published);
    expect(seen).toEqual({ ...published, revision: 8 });
    expect(await transport.request('snapshot.get', {})).toEqual({ ok: true, value: seen });
    expect(theTray().toolTip).toBe('0 idle of 0 GPUs · 0 of 1 host · 0 models · 1 forward');
  });

  it('copy text', async () => {
    await start();
    expect(await transport.request('app.copyText', { text: 'ssh röck☂' })).toEqual({ ok: true, value: null });
    expect(clipboard.text).toBe('ssh röck☂');
  });

  it('tell of a failed menu click in the words of errors.ts', async () => {
    const refused = createScriptedEngine({
      ...sampleSnapshot,
      forwards: [{ ...sampleForward, id: 'x'.repeat(301) }],
    });
    engine = refused;
    const log = await start();
    clickMenu(latestMenu(), /^Forwards/, /^a:8000/, 'Stop');
    await vi.waitFor(() => expect(Notification.shown).toHaveLength(1));
    expect(Notification.shown[0]?.options.title).toBe('The request was not understood');
    expect(Notification.shown[0]?.options.body).toMatch(/^Reload the window; .*\nforward\.close: /s);
    expect(log).toHaveLength(1);
  });
});

describe('closing the window', () => {
  it('hides it while there is a tray, and the engine slows down', async () => {
    await start();
    theWindow().close();
    expect(theWindow().isVisible()).toBe(false);
    expect(app.ended).toBeNull();
    expect(engine.told.at(-1)).toBe('hidden');
    theTray().emit('click');
    expect(theWindow().isVisible()).toBe(true);
    expect(engine.told.at(-1)).toBe('shown');
  });

  it('quits where the desktop shows no tray, and the window says so', async () => {
    const log = await start({ hidden: true, trayHost: watchTrayHost(async () => 'not shown') });
    expect(theWindow().isVisible()).toBe(true);
    expect(theWindow().getTitle()).toBe('vllm-tray – no tray available: closing the window quits');
    expect(log).toEqual(['warn: this desktop shows no tray icons; the window stays']);
    expect(engine.told).toContain('problem no-tray');
    theWindow().close();
    await vi.waitFor(() => expect(app.ended).toBe(0));
  });

  it('says nothing of a missing tray to whoever does not close to it', async () => {
    engine = createScriptedEngine({
      ...sampleSnapshot,
      settings: { ...sampleSnapshot.settings, closeToTray: false },
    });
    await start({ trayHost: watchTrayHost(async () => 'not shown') });
    expect(theWindow().getTitle()).toBe('vllm-tray');
    expect(engine.told).not.toContain('problem no-tray');
  });

  it('quits where no tray icon can be made', async () => {
    Tray.failure = new Error('no status icon');
    expect(await start()).toEqual([
      'warn: no tray icon could be made; the window stays: Error: no status icon',
    ]);
    theWindow().close();
    await vi.waitFor(() => expect(app.ended).toBe(0));
  });

  it('minds minimizing and restoring', async () => {
    await start();
    theWindow().minimize();
    expect(engine.told.at(-1)).toBe('hidden');
    app.emit('second-instance');
    expect(theWindow().isVisible()).toBe(true);
    expect(engine.told.slice(-2)).toEqual(['shown', 'shown']);
  });

  it('keeps its place for the next start', async () => {
    await start();
    theWindow().bounds = { x: 40, y: 50, width: 900, height: 640 };
    theWindow().maximize();
    theWindow().close();
    app.quit();
    await vi.waitFor(() => expect(app.ended).toBe(0));
    resetDouble();
    await start();
    expect(theWindow().options).toMatchObject({ x: 40, y: 50, width: 900, height: 640 });
    expect(theWindow().isMaximized()).toBe(true);
    resetDouble();
    screen.displays = [{ id: 2, workArea: { x: 3000, y: 0, width: 800, height: 600 } }];
    await start();
    expect(theWindow().options).toMatchObject({ width: 800, height: 600 });
    expect(theWindow().options).not.toHaveProperty('x');
  });
});

describe('what happens around it', () => {
  it.each(['second-instance', 'activate'])('%s brings the window to the front', async (event) => {
    await start();
    theWindow().close();
    app.emit(event, {});
    expect(theWindow().isVisible()).toBe(true);
    expect(theWindow().focused).toBe(1);
  });

  it('a second start shows what it was started for, and nothing when it was to be hidden', async () => {
    await start();
    const revealed: unknown[] = [];
    transport.on('reveal', (place) => revealed.push(place));
    theWindow().close();
    const startAgain = (data: unknown) => app.emit('second-instance', {}, [], '/', data);
    startAgain({ hidden: true });
    expect(theWindow().isVisible()).toBe(false);
    startAgain({ hidden: false, show: '#models/a%3A8000' });
    expect(theWindow().isVisible()).toBe(true);
    expect(revealed).toEqual([{ view: 'models', id: 'a:8000' }]);
  });

  it('opens on the place that it was started for', async () => {
    await start({ place: { view: 'models' } });
    expect(theWindow().webContents.getURL()).toBe('app://vllm-tray/index.html#models');
  });

  it('looks after its connections when the computer wakes up', async () => {
    await start();
    powerMonitor.emit('resume');
    expect(engine.told.filter((what) => what === 'wake')).toHaveLength(1);
  });

  it('loads a page that died again, and one that dies while loading only when it is to be shown', async () => {
    const log = await start();
    const contents = theWindow().webContents;
    contents.die('oom');
    expect(contents.reloads).toBe(1);
    contents.die('crashed');
    expect(contents.reloads).toBe(1);
    expect(log).toEqual([
      "error: the window's process ended: oom",
      "error: the window's process ended: crashed",
    ]);
    theTray().emit('click');
    expect(contents.reloads).toBe(2);
  });

  it('ends a page that hangs, and loads it again', async () => {
    await start();
    vi.useFakeTimers();
    const window = theWindow();
    window.emit('unresponsive');
    await vi.advanceTimersByTimeAsync(10_000);
    window.emit('responsive');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(window.webContents.reloads).toBe(0);
    window.emit('unresponsive');
    await vi.advanceTimersByTimeAsync(15_000);
    expect(window.webContents.reloads).toBe(1);
    vi.useRealTimers();
  });

  it('tells a page that loads again where to go when it is there', async () => {
    await start();
    const { webContents } = theWindow();
    webContents.die('oom');
    app.emit('second-instance', {}, [], '', { hidden: false, show: '#models' });
    const revealed = () =>
      webContents.sent.flatMap(({ args: [name, place] }) => (name === 'reveal' ? [place] : []));
    expect(revealed()).toEqual([]);
    webContents.finishLoad();
    expect(revealed()).toEqual([{ view: 'models' }]);
  });

  it.each(['after it is shown', 'fails to load'] as const)('is shown where its page %s', async (painting) => {
    BrowserWindow.painting = painting;
    await start();
    await vi.waitFor(() => expect(theWindow().isVisible()).toBe(true));
  });

  it('is shown after two seconds where its page says nothing at all, but not when it was closed', async () => {
    BrowserWindow.painting = 'never';
    vi.useFakeTimers();
    await start();
    expect(theWindow().isVisible()).toBe(false);
    await vi.advanceTimersByTimeAsync(2000);
    expect(theWindow().isVisible()).toBe(true);
    theWindow().close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(theWindow().isVisible()).toBe(false);
    vi.useRealTimers();
  });

  it('stays hidden when it was closed before its page was there', async () => {
    BrowserWindow.painting = 'never';
    await start();
    const window = theWindow();
    window.close();
    expect(window.isVisible()).toBe(false);
    window.emit('ready-to-show');
    expect(window.isVisible()).toBe(false);
  });

  it('comes to the front on Wayland, too', async () => {
    BrowserWindow.wayland = true;
    await start({ wayland: true });
    const window = theWindow();
    window.blur();
    theTray().emit('click');
    expect([window.isVisible(), window.isFocused()]).toEqual([true, true]);
  });

  it('saves what there is when Windows logs the person off', async () => {
    await start({ platform: 'win32' });
    theWindow().emit('query-session-end', new PreventableEvent());
    await vi.waitFor(() => expect(app.ended).toBe(0));
    expect(engine.told.at(-2)).toBe('dispose');
  });

  it('says that it runs without the sandbox', async () => {
    await start({ sandboxed: false });
    expect(engine.told).toContain('problem no-sandbox');
  });

  it('comes for a start of the app while it was still opening', async () => {
    const otherStarts = listenToOtherStarts(app);
    app.emit('second-instance', {}, [], '', { hidden: false, show: '#forwards' });
    await start({ hidden: true, otherStarts });
    expect(theWindow().webContents.getURL()).toBe('app://vllm-tray/index.html#forwards');
  });

  it('gets its tray when the desktop shows one later', async () => {
    let host: TrayHost = 'not shown';
    vi.useFakeTimers();
    await start({ trayHost: watchTrayHost(async () => host) });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([Tray.all.length, theWindow().getTitle()]).toEqual([0, expect.stringContaining('no tray')]);
    host = 'shown';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(Tray.all).toHaveLength(1);
    expect(theWindow().getTitle()).toBe('vllm-tray');
    expect(engine.told).toContain('no more no-tray');
    theWindow().close();
    expect([theWindow().isVisible(), app.ended]).toEqual([false, null]);
    vi.useRealTimers();
  });

  it('leaves the Dock before anything takes time, where it starts hidden', async () => {
    let policy = '';
    await start({
      platform: 'darwin',
      hidden: true,
      trayHost: watchTrayHost(async () => {
        policy = app.activationPolicy;
        return 'shown';
      }),
    });
    expect(policy).toBe('accessory');
  });

  it.each([false, true])('opens the window in the colour of its page, dark: %s', async (dark) => {
    nativeTheme.dark = dark;
    await start();
    const tokens = await readFile(
      path.join(import.meta.dirname, '..', '..', 'renderer', 'styles', 'tokens.css'),
      'utf8',
    );
    const ground = /--ground: light-dark\((#\w+), (#\w+)\)/.exec(tokens);
    expect(theWindow().options.backgroundColor).toBe(ground?.[dark ? 2 : 1]);
  });
});

describe('quitting', () => {
  it.each([
    ['the tray', () => clickMenu(latestMenu(), 'Quit')],
    ['the window', () => void transport.request('app.quit', {})],
    ['the system', () => app.quit()],
  ])('from %s closes the engine, then its source, then the windows', async (_from, quit) => {
    await start();
    const ended = new Promise<readonly string[]>((resolve) => {
      app.once('ended', () => resolve([...engine.told]));
    });
    quit();
    expect((await ended).slice(-2)).toEqual(['dispose', 'source']);
    expect(BrowserWindow.all).toEqual([]);
    expect(theTray().destroyed).toBe(true);
  });

  it('while it starts leaves nothing at work', async () => {
    const starting = start({
      trayHost: watchTrayHost(async () => {
        app.quit();
        return 'shown';
      }),
    });
    await starting;
    await vi.waitFor(() => expect(app.ended).toBe(0));
    expect(engine.told).toEqual(['dispose', 'source']);
    expect([BrowserWindow.all.length, Tray.all.length]).toEqual([0, 0]);
  });

  it('while the hosts are read leaves nothing at work', async () => {
    engine.loadHosts = async () => {
      app.quit();
      await vi.waitFor(() => expect(app.ended).toBe(0));
    };
    await start();
    expect(engine.told.slice(-2)).toEqual(['dispose', 'source']);
    expect(engine.told).not.toContain('scan');
  });

  it('answers a page that still asks', async () => {
    await start();
    app.quit();
    await vi.waitFor(() => expect(app.ended).toBe(0));
    expect(await transport.request('snapshot.get', {})).toMatchObject({
      ok: false,
      error: { code: 'internal' },
    });
  });
});
