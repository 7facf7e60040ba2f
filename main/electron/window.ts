import { app, BrowserWindow, nativeTheme, screen, type WebContents } from 'electron';
import { hashOf, type Place, placeOfHash } from '#common/place.ts';
import type { Log } from '#engine/diagnostics/log.ts';
import { startUrl } from './app-scheme.ts';
import { keepPage, type Page, showWhenReady } from './window-life.ts';
import { initialPlacement, minimumSize, type WindowPlacement } from './window-placement.ts';

export interface MainWindowDeps {
  readonly preloadFile: string;
  readonly iconFile: string;
  readonly devTools: boolean;
  readonly log: Log;
  /** What was stored of the window's place, whatever that is. */
  readonly storedPlacement: () => unknown;
  readonly storePlacement: (placement: WindowPlacement) => void;
  /** What closing the window does now: hide it, ask to quit the app, or close it because the app quits. */
  readonly onClose: () => 'hide' | 'quit' | 'close';
  /** Called whenever the window comes into view or leaves it. */
  readonly onShown: (shown: boolean) => void;
  /** Called before it is brought to the front, and after closing has only hidden it. */
  readonly onPresence: (present: boolean) => void;
  /** Tells the open window's page to go there. */
  readonly reveal: (place: Place) => void;
  /** Whether a visible window comes to the front only by being hidden first, as on Wayland. */
  readonly raiseByHiding: boolean;
  /** Called when the computer is about to log the person off (Windows). */
  readonly onSessionEnd: () => void;
}

/** The app's one window. It is made when it is first shown. */
export interface MainWindow {
  /** Brings it to the front, on that place where one is named. */
  show(place?: Place): void;
  /** Takes it out of view without closing it. */
  hide(): void;
  /** The window itself, as the parent of dialogs; null while it is not in view. */
  visible(): BrowserWindow | null;
  /** The place that it shows while it has the focus; null while it has not. */
  lookedAt(): Place | null;
  /** Its web-contents; null before it is first shown and after it was closed. */
  contents(): WebContents | null;
  /** A remark for its title bar. */
  setRemark(remark: string): void;
}

// The renderer's page colours (light, dark; the same at high contrast): the window shows no other before its first paint, nor
// where it grows faster than its page is drawn.
const background = { light: '#ffffff', dark: '#17191c' } as const;
const backgroundNow = () => (nativeTheme.shouldUseDarkColors ? background.dark : background.light);

export function createMainWindow(deps: MainWindowDeps): MainWindow {
  let window: BrowserWindow | null = null;
  let page: Page | null = null;
  let remark = '';
  const title = () => (remark === '' ? 'vllm-tray' : `vllm-tray – ${remark}`);

  const open = (place: Place | undefined): BrowserWindow => {
    const { maximized, ...bounds } = initialPlacement(deps.storedPlacement(), workAreas());
    const opened = new BrowserWindow({
      ...bounds,
      minWidth: minimumSize.width,
      minHeight: minimumSize.height,
      show: false,
      title: title(),
      icon: deps.iconFile,
      autoHideMenuBar: true,
      backgroundColor: backgroundNow(),
      webPreferences: {
        preload: deps.preloadFile,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        navigateOnDragDrop: false,
        spellcheck: false,
        devTools: deps.devTools,
      },
    });
    showWhenReady(opened, () => {
      if (maximized) opened.maximize();
      opened.show();
    });
    watchVisibility(opened, deps.onShown);
    const onTheme = () => opened.setBackgroundColor(backgroundNow());
    nativeTheme.on('updated', onTheme);
    opened.on('close', (event) => {
      deps.storePlacement(placementOf(opened));
      const what = deps.onClose();
      if (what === 'close') return;
      event.preventDefault();
      if (what === 'quit') {
        app.quit();
        return;
      }
      hide(opened);
      deps.onPresence(false);
    });
    opened.on('closed', () => {
      nativeTheme.off('updated', onTheme);
      window = null;
      page = null;
    });
    opened.on('page-title-updated', (event) => event.preventDefault());
    // Windows asks before it logs the person off, and then gives no more than seconds.
    opened.on('query-session-end', deps.onSessionEnd);
    page = keepPage(opened, deps.log);
    opened.loadURL(place === undefined ? startUrl : startUrl + hashOf(place)).catch((error: unknown) => {
      deps.log('error', `the window's page did not load: ${String(error)}`);
    });
    return opened;
  };

  return {
    show(place) {
      deps.onPresence(true);
      if (window === null) {
        window = open(place);
        return;
      }
      page?.revive();
      if (place !== undefined) page?.whenLoaded(() => deps.reveal(place));
      if (window.isMinimized()) window.restore();
      // Wayland lets no program raise its own window; one that comes anew is in front.
      if (deps.raiseByHiding && window.isVisible() && !window.isFocused()) window.hide();
      window.show();
      window.focus();
    },
    hide: () => window?.hide(),
    visible: () => (window?.isVisible() ? window : null),
    lookedAt: () => (window?.isFocused() ? placeOf(window) : null),
    contents: () => window?.webContents ?? null,
    setRemark(text) {
      remark = text;
      window?.setTitle(title());
    },
  };
}

function workAreas(): readonly Electron.Rectangle[] {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter((display) => display.id !== primary.id);
  return [primary, ...others].map((display) => display.workArea);
}

function placeOf(window: BrowserWindow): Place {
  return placeOfHash(/#.*/.exec(window.webContents.getURL())?.[0] ?? '');
}

/** On macOS, hiding a window in full screen leaves an empty black space behind. */
function hide(window: BrowserWindow): void {
  if (!window.isFullScreen()) {
    window.hide();
    return;
  }
  window.once('leave-full-screen', () => window.hide());
  window.setFullScreen(false);
}

function placementOf(window: BrowserWindow): WindowPlacement {
  return { ...window.getNormalBounds(), maximized: window.isMaximized() };
}

function watchVisibility(window: BrowserWindow, onShown: (shown: boolean) => void): void {
  window.on('show', () => onShown(true));
  window.on('restore', () => onShown(true));
  window.on('hide', () => onShown(false));
  window.on('minimize', () => onShown(false));
  window.on('closed', () => onShown(false));
}
