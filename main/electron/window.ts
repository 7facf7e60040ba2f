import { BrowserWindow, nativeTheme, screen, type WebContents } from 'electron';
import { hashOf, type Place } from '#common/notices.ts';
import type { Log } from '#engine/log.ts';
import { startUrl } from './app-scheme.ts';
import { initialPlacement, minimumSize, type WindowPlacement } from './window-placement.ts';

export interface MainWindowDeps {
  readonly preloadFile: string;
  readonly iconFile: string;
  readonly devTools: boolean;
  readonly log: Log;
  /** What was stored of the window's place, whatever that is. */
  readonly storedPlacement: () => unknown;
  readonly storePlacement: (placement: WindowPlacement) => void;
  /** Whether closing the window only hides it. */
  readonly hidesOnClose: () => boolean;
  /** Told whenever the window comes into view or leaves it. */
  readonly onShown: (shown: boolean) => void;
  /** Tells the open window's page to go there. */
  readonly reveal: (place: Place) => void;
}

/** The app's one window. It is made when it is first shown. */
export interface MainWindow {
  /** Brings it to the front, on that place where one is named. */
  show(place?: Place): void;
  /** Its web-contents; null before it is first shown and after it was closed. */
  contents(): WebContents | null;
  /** A remark for its title bar. */
  setRemark(remark: string): void;
}

// The renderer's page colours (light, dark): the window shows no other before its first paint.
const background = { light: '#ffffff', dark: '#17191c' } as const;

export function createMainWindow(deps: MainWindowDeps): MainWindow {
  let window: BrowserWindow | null = null;
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
      backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
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
    opened.once('ready-to-show', () => {
      if (maximized) opened.maximize();
      opened.show();
    });
    watchVisibility(opened, deps.onShown);
    opened.on('close', (event) => {
      deps.storePlacement(placementOf(opened));
      if (!deps.hidesOnClose()) return;
      event.preventDefault();
      opened.hide();
    });
    opened.on('closed', () => {
      window = null;
    });
    opened.on('page-title-updated', (event) => event.preventDefault());
    reviveRenderer(opened, deps.log);
    opened.loadURL(place === undefined ? startUrl : startUrl + hashOf(place)).catch((error: unknown) => {
      deps.log('error', `the window's page did not load: ${String(error)}`);
    });
    return opened;
  };

  return {
    show(place) {
      if (window === null) {
        window = open(place);
        return;
      }
      if (place !== undefined) deps.reveal(place);
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
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

/** A renderer that died after it had loaded is loaded again; one that dies while loading would only die for ever. */
function reviveRenderer(window: BrowserWindow, log: Log): void {
  let loaded = false;
  window.webContents.on('did-finish-load', () => {
    loaded = true;
  });
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    log('error', `the window's process ended: ${reason}`);
    if (loaded) window.webContents.reload();
    loaded = false;
  });
}
