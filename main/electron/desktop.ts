/** Wires the desktop face: one engine, one window, one tray, and the order in which they come and go. */

import path from 'node:path';
import { app, clipboard, nativeTheme, powerMonitor, protocol, session } from 'electron';
import { answer } from '#common/answer.ts';
import type { Handlers } from '#common/contract.ts';
import { chooseLanguage, type Language } from '#common/language.ts';
import type { Engine } from '#engine/engine.ts';
import type { Log } from '#engine/log.ts';
import { serveRenderer } from './app-scheme.ts';
import { setApplicationMenu } from './application-menu.ts';
import { createFaceHandlers } from './face-handlers.ts';
import { guardContents, guardSession } from './guards.ts';
import { createIpc, type Ipc } from './ipc.ts';
import { notifyFailure } from './notifications.ts';
import type { SettingsStore } from './settings-store.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';
import { createTray } from './tray.ts';
import { createMainWindow, type MainWindow, type MainWindowDeps } from './window.ts';

/** The files that the app reads of itself; absolute paths, in a package inside its archive. */
export interface DesktopFiles {
  readonly rendererDir: string;
  readonly preloadFile: string;
  readonly trayIconsDir: string;
  readonly windowIconFile: string;
}

export interface OpenedEngine {
  readonly engine: Engine;
  /** Closes the engine, then what its hosts come from. */
  dispose(): Promise<void>;
}

export interface DesktopDeps {
  readonly files: DesktopFiles;
  /** Start without a window where there is a tray. */
  readonly hidden: boolean;
  readonly platform: NodeJS.Platform;
  readonly log: Log;
  readonly store: SettingsStore;
  readonly openEngine: () => Promise<OpenedEngine>;
  readonly desktopShowsTray: (platform: NodeJS.Platform) => Promise<boolean>;
}

const shutdownTimeoutMs = 3000;

/** Runs the desktop face; call it when the app is ready. Resolves when everything is there and the first scan has begun. */
export async function startDesktop(deps: DesktopDeps): Promise<void> {
  const { files, log, platform, store } = deps;
  const shutdown = createShutdown({ app, powerMonitor, log, timeoutMs: shutdownTimeoutMs });
  guardSession(session.defaultSession);
  guardContents(app, log);
  await serveRenderer(files.rendererDir, protocol);
  setApplicationMenu(platform, !app.isPackaged);
  nativeTheme.themeSource = store.settings.theme;
  const { engine, dispose } = await deps.openEngine();
  shutdown.defer(dispose);
  const traysAreShown = await deps.desktopShowsTray(platform);
  if (shutdown.begun()) return;

  const face: Face = { ...deps, engine, shutdown };
  const tray = { shown: false };
  const window = openWindow(
    face,
    () => tray.shown,
    (place) => ipc.push('reveal', place),
  );
  const handlers: Handlers = {
    ...engine.handlers,
    ...createFaceHandlers({ app, clipboard, showWindow: window.show }),
  };
  const ipc = connectWindow(face, window, handlers);
  if (traysAreShown) tray.shown = openTray(face, window, handlers);
  else log('warn', 'this desktop shows no tray icons; the window stays');
  if (!tray.shown) window.setRemark('no tray on this desktop: closing this window quits');
  app.on('second-instance', () => window.show());
  app.on('activate', () => window.show());
  powerMonitor.on('resume', () => void engine.wake());
  powerMonitor.on('unlock-screen', () => void engine.wake());
  powerMonitor.on('on-battery', () => engine.setOnBattery(true));
  powerMonitor.on('on-ac', () => engine.setOnBattery(false));
  if (powerMonitor.isOnBatteryPower()) engine.setOnBattery(true);

  if (deps.hidden && tray.shown) engine.setShown(false);
  else window.show();
  await engine.loadHosts();
  // Whoever quits this early gets no engine that begins to work after it was closed.
  if (shutdown.begun()) return;
  engine.begin();
}

interface Face extends DesktopDeps {
  readonly engine: Engine;
  readonly shutdown: Shutdown;
}

function openWindow(
  { files, log, store, engine, shutdown }: Face,
  hasTray: () => boolean,
  reveal: MainWindowDeps['reveal'],
): MainWindow {
  return createMainWindow({
    preloadFile: files.preloadFile,
    iconFile: files.windowIconFile,
    devTools: !app.isPackaged,
    log,
    storedPlacement: store.windowPlacement,
    storePlacement: store.storeWindowPlacement,
    reveal,
    hidesOnClose: () => hasTray() && engine.snapshot().settings.closeToTray && !shutdown.begun(),
    onShown: (shown) => {
      if (!shutdown.begun()) engine.setShown(shown);
    },
  });
}

function connectWindow({ engine, shutdown, log }: Face, window: MainWindow, handlers: Handlers): Ipc {
  const ipc = createIpc({ handlers, window: window.contents, log });
  shutdown.defer(ipc.dispose);
  shutdown.defer(engine.subscribe((patch) => ipc.push('patch', patch)));
  return ipc;
}

function languageOf(engine: Engine): Language {
  return chooseLanguage(engine.snapshot().settings.language, app.getPreferredSystemLanguages());
}

/** Whether there is an icon now; without one everything can be done from the window. */
function openTray(face: Face, window: MainWindow, handlers: Handlers): boolean {
  const { engine, shutdown, files, platform, log } = face;
  try {
    const tray = createTray({
      snapshot: () => engine.snapshot(),
      language: () => languageOf(engine),
      subscribe: (listener) => engine.subscribe(listener),
      run: (call) => answer(handlers, call.name, call.input),
      onFailure: (error) => notifyFailure(error, languageOf(engine), log),
      showWindow: () => window.show(),
      iconsDir: files.trayIconsDir,
      platform,
    });
    shutdown.defer(tray.dispose);
    return true;
  } catch (error) {
    log('warn', `no tray icon could be made; the window stays: ${String(error)}`);
    return false;
  }
}

/** The app's own files, from the folder that holds `dist/` and `build/` in a checkout and in the archive alike. */
export function desktopFiles(root: string): DesktopFiles {
  return {
    rendererDir: path.join(root, 'dist/renderer'),
    preloadFile: path.join(root, 'dist/preload/preload.cjs'),
    trayIconsDir: path.join(root, 'build/icons/tray'),
    windowIconFile: path.join(root, 'build/icons/app/256x256.png'),
  };
}
