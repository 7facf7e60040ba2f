/** Wires the desktop face: one engine, one window, one tray, and the order in which they come and go. */

import { app, clipboard, powerMonitor, protocol, session, shell } from 'electron';
import { answer } from '#common/answer.ts';
import type { Handlers } from '#common/contract.ts';
import { toFailure } from '#common/failure.ts';
import { asOf } from '#common/freshness.ts';
import { mayContact } from '#common/select/hosts.ts';
import { serveRenderer } from './app-scheme.ts';
import { createFace, type DesktopDeps, type Face } from './face.ts';
import { createFaceHandlers, withAutostart } from './face-handlers.ts';
import { followSettings } from './follow-settings.ts';
import { guardContents, guardSession } from './guards.ts';
import { createIpc, type Ipc } from './ipc.ts';
import { setPresence } from './presence.ts';
import { mayQuit } from './quit-question.ts';
import { createShutdown } from './shutdown.ts';
import { listenToSystem } from './system-events.ts';
import { tellNotices } from './tell-notices.ts';
import { openTerminal } from './terminal.ts';
import { createTray } from './tray.ts';
import { createMainWindow, type MainWindow, type MainWindowDeps } from './window.ts';
import { desktopWords } from './words.ts';

const shutdownTimeoutMs = 3000;

/** Runs the desktop face; call it when the app is ready. Resolves when everything is there and the first scan has begun. */
export async function startDesktop(deps: DesktopDeps): Promise<void> {
  const { log, platform, autostart } = deps;
  // Before anything takes time: an icon in the Dock would come only to go.
  if (deps.hidden) setPresence(app, platform, false);
  const shutdown = createShutdown({ app, powerMonitor, platform, log, timeoutMs: shutdownTimeoutMs });
  deps.onTermination(shutdown.quit);
  guardSession(session.defaultSession, log);
  guardContents(app, log);
  await serveRenderer(deps.files.rendererDir, protocol);
  const { engine, dispose } = await deps.openEngine();
  shutdown.defer(dispose);
  const traysAreShown = await deps.trayHost.decide(deps.hidden);
  if (shutdown.begun()) return;

  const face = createFace(deps, engine, shutdown);
  let hasTray = false;
  const window = openWindow(face, {
    hasTray: () => hasTray,
    reveal: (place) => ipc.push('reveal', place),
  });
  const handlers: Handlers = {
    ...withAutostart(engine.handlers, autostart),
    ...createFaceHandlers({
      app,
      clipboard,
      shell,
      snapshot: engine.snapshot,
      showWindow: window.show,
      openTerminal,
    }),
  };
  const ipc = connectWindow(face, window, handlers);
  if (!deps.sandboxed) engine.report({ code: 'no-sandbox', detail: '' });
  if (traysAreShown) hasTray = openTray(face, window, handlers);
  else log('warn', 'this desktop shows no tray icons; the window stays');
  if (!hasTray && engine.snapshot().settings.closeToTray) engine.report({ code: 'no-tray', detail: '' });
  const lookAtSettings = followSettings(face, window, () => hasTray);
  if (!traysAreShown) {
    const stop = deps.trayHost.onceShown(() => {
      hasTray = openTray(face, window, handlers);
      if (!hasTray) return;
      engine.withdraw('no-tray');
      lookAtSettings();
    });
    shutdown.defer(stop);
  }
  shutdown.defer(tellNotices({ ...face, lookedAt: window.lookedAt, showWindow: window.show }));
  shutdown.askFirst(() => mayQuit(face, window, handlers));
  listenToSystem(face, window);
  shutdown.defer(window.hide);

  autostart
    .refresh(engine.snapshot().settings.startAtLogin)
    .catch((error: unknown) => face.tellFailure(toFailure(error, 'connect')));
  // Before anything is contacted a person must agree to it, and the window asks.
  if (deps.hidden && hasTray && mayContact(engine.snapshot())) {
    engine.setShown(false);
  } else window.show(deps.place ?? undefined);
  await engine.loadHosts();
  // A quit this early leaves no engine that begins to work after it was closed.
  if (shutdown.begun()) return;
  engine.begin();
}

interface WindowNeeds extends Pick<MainWindowDeps, 'reveal'> {
  readonly hasTray: () => boolean;
}

function openWindow(face: Face, { hasTray, reveal }: WindowNeeds): MainWindow {
  const { files, log, store, engine, shutdown, platform, notifier, language } = face;
  return createMainWindow({
    preloadFile: files.preloadFile,
    iconFile: files.windowIconFile,
    devTools: !app.isPackaged,
    log,
    storedPlacement: store.windowPlacement,
    storePlacement: store.storeWindowPlacement,
    reveal,
    raiseByHiding: face.wayland,
    onSessionEnd: shutdown.endSession,
    onClose() {
      if (shutdown.begun()) return 'close';
      return hasTray() && engine.snapshot().settings.closeToTray ? 'hide' : 'quit';
    },
    onShown(shown) {
      if (!shutdown.begun()) engine.setShown(shown);
    },
    onPresence(present) {
      setPresence(app, platform, present);
      if (present || !store.isFirstHide()) return;
      const words = desktopWords[language()];
      notifier.show({ title: words.stillRunning, body: words.stillRunningHint });
    },
  });
}

function connectWindow({ engine, shutdown, log }: Face, window: MainWindow, handlers: Handlers): Ipc {
  const ipc = createIpc({ handlers, window: window.contents, log });
  shutdown.defer(ipc.dispose);
  shutdown.defer(engine.subscribe((patch) => ipc.push('patch', patch)));
  return ipc;
}

/** Whether there is an icon now; without one everything can be done from the window. */
function openTray(face: Face, window: MainWindow, handlers: Handlers): boolean {
  const { engine, shutdown, files, platform, log, language, tellFailure } = face;
  try {
    const tray = createTray({
      snapshot: () => asOf(engine.snapshot(), Date.now()),
      language,
      subscribe: engine.subscribe,
      run: (call) => answer(handlers, call.name, call.input),
      onFailure: tellFailure,
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
