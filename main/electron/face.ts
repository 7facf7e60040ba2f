/** What every part of the desktop face is given. */

import path from 'node:path';
import { app } from 'electron';
import type { OpenedEngine } from '#app/open-engine.ts';
import type { ReplyError } from '#common/answer.ts';
import { describeFailure } from '#common/failure.ts';
import { chooseLanguage, type Language } from '#common/language.ts';
import type { Place } from '#common/place.ts';
import type { Log } from '#engine/diagnostics/log.ts';
import type { Engine } from '#engine/engine.ts';
import type { Autostart } from './autostart.ts';
import { createNotifier, failureText, type Notifier } from './notifications.ts';
import type { OtherStarts } from './other-starts.ts';
import type { SettingsStore } from './settings-store.ts';
import type { Shutdown } from './shutdown.ts';
import type { TrayHostWatch } from './tray-host.ts';

/** The files that the app reads of itself; absolute paths, in a package inside its archive. */
export interface DesktopFiles {
  readonly rendererDir: string;
  readonly preloadFile: string;
  readonly trayIconsDir: string;
  readonly windowIconFile: string;
}

export interface DesktopDeps {
  readonly files: DesktopFiles;
  /** Start without a window where there is a tray. */
  readonly hidden: boolean;
  /** What the window opens on; null: its first view. */
  readonly place: Place | null;
  readonly platform: NodeJS.Platform;
  readonly log: Log;
  readonly store: SettingsStore;
  readonly autostart: Autostart;
  readonly openEngine: () => Promise<Pick<OpenedEngine, 'engine' | 'dispose'>>;
  readonly trayHost: TrayHostWatch;
  /** Starts of the app while it runs. */
  readonly otherStarts: OtherStarts;
  /** Whether the window's pages run in Chromium's sandbox. */
  readonly sandboxed: boolean;
  /** Whether windows are Wayland's. */
  readonly wayland: boolean;
  /** Calls back when the system tells the app to end (a signal), when no person can be asked. */
  readonly onTermination: (quit: () => void) => void;
}

export interface Face extends DesktopDeps {
  readonly engine: Engine;
  readonly shutdown: Shutdown;
  readonly notifier: Notifier;
  readonly language: () => Language;
  /** For failures of calls whose answer is not awaited: in the log, and as a notification. */
  readonly tellFailure: (error: ReplyError) => void;
}

export function createFace(deps: DesktopDeps, engine: Engine, shutdown: Shutdown): Face {
  const { files, log, platform } = deps;
  // Elsewhere the system shows the app's own icon there.
  const notifier = createNotifier({
    platform,
    iconFile: platform === 'linux' ? files.windowIconFile : null,
    onRefused: (cause) => engine.report({ code: 'no-notifications', detail: cause }),
    log,
  });
  shutdown.defer(notifier.dispose);
  const language = () =>
    chooseLanguage(engine.snapshot().settings.language, app.getPreferredSystemLanguages());
  const tellFailure = (error: ReplyError) => {
    log('warn', describeFailure(error));
    notifier.show(failureText(error, language()));
  };
  return { ...deps, engine, shutdown, notifier, language, tellFailure };
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
