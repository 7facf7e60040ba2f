/** The part of the double that has a life cycle: the app and its windows. */

import { EventEmitter } from 'node:events';
import { tmpdir } from 'node:os';
import type * as Electron from 'electron';

export class PreventableEvent {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

class App
  extends EventEmitter
  implements
    Pick<
      Electron.App,
      | 'quit'
      | 'relaunch'
      | 'exit'
      | 'setName'
      | 'getPath'
      | 'getVersion'
      | 'setAppUserModelId'
      | 'whenReady'
      | 'enableSandbox'
      | 'requestSingleInstanceLock'
      | 'isPackaged'
      | 'getPreferredSystemLanguages'
      | 'getLoginItemSettings'
      | 'setLoginItemSettings'
      | 'setActivationPolicy'
      | 'focus'
    >
{
  /** The switches of Chromium that the app was started with. */
  switches: readonly string[] = [];
  get commandLine() {
    return { hasSwitch: (name: string) => this.switches.includes(name) };
  }
  name = '';
  isPackaged = false;
  sandboxed = false;
  hasLock = true;
  /** What the other instance is handed where this one has no lock. */
  handedOver: unknown = null;
  languages = ['en-US'];
  /** What starts at login, by the program and its arguments; macOS knows the app alone. */
  loginItem: Electron.Settings | null = null;
  loginStatus: Electron.LoginItemSettings['status'] = 'not-registered';
  wasOpenedAtLogin = false;
  activationPolicy: Parameters<Electron.App['setActivationPolicy']>[0] = 'regular';
  stolenFocus = 0;
  /** The exit code once the app has ended; null while it runs. */
  ended: number | null = null;
  ready: Promise<void> = Promise.resolve();

  setName(name: string): void {
    this.name = name;
  }
  getPath(): string {
    return tmpdir();
  }
  getVersion(): string {
    return '0.0.0';
  }
  setAppUserModelId(): void {}
  getPreferredSystemLanguages(): string[] {
    return this.languages;
  }
  whenReady(): Promise<void> {
    return this.ready;
  }
  enableSandbox(): void {
    this.sandboxed = true;
  }
  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    if (!this.hasLock) this.handedOver = additionalData;
    return this.hasLock;
  }
  setLoginItemSettings(settings: Electron.Settings): void {
    this.loginItem = settings.openAtLogin ? settings : null;
    this.loginStatus = settings.openAtLogin ? 'enabled' : 'not-registered';
  }
  getLoginItemSettings({ path, args }: Electron.LoginItemSettingsOptions = {}): Electron.LoginItemSettings {
    const item = this.loginItem;
    const isThis = item !== null && item.path === path && `${item.args}` === `${args}`;
    return {
      openAtLogin: isThis && this.loginStatus !== 'requires-approval',
      wasOpenedAtLogin: this.wasOpenedAtLogin,
      status: this.loginStatus,
      executableWillLaunchAtLogin: isThis && item.enabled !== false,
      launchItems:
        item === null
          ? []
          : [
              {
                name: 'app.vllm-tray.desktop',
                path: item.path ?? '',
                args: item.args ?? [],
                scope: 'user',
                enabled: item.enabled ?? true,
              },
            ],
    };
  }
  setActivationPolicy(policy: Parameters<Electron.App['setActivationPolicy']>[0]): void {
    this.activationPolicy = policy;
  }
  focus(options?: Electron.FocusOptions): void {
    if (options?.steal) this.stolenFocus += 1;
  }
  exit(code = 0): void {
    this.ended = code;
    this.emit('ended');
  }
  relaunch(_options?: Electron.RelaunchOptions): void {}

  /** Asks `before-quit`, then every window; whoever prevents keeps the app running. */
  quit(): void {
    const event = new PreventableEvent();
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    for (const window of [...BrowserWindow.all]) window.close();
    if (BrowserWindow.all.length === 0) this.exit();
  }
}

export const app = new App();

export function resetApp(): void {
  app.removeAllListeners();
  Object.assign(app, new App());
  app.ready = Promise.resolve();
  BrowserWindow.all = [];
  Object.assign(BrowserWindow, { painting: 'before it is shown', wayland: false });
}

/** Tells the other end of IPC what was sent to a page. */
export const onSend = new EventEmitter();

class WebFrame implements Pick<Electron.WebFrameMain, 'url' | 'parent'> {
  readonly parent = null;
  url = '';
}

class WebContents
  extends EventEmitter
  implements
    Pick<
      Electron.WebContents,
      'send' | 'isDestroyed' | 'reload' | 'setWindowOpenHandler' | 'getURL' | 'forcefullyCrashRenderer'
    >
{
  readonly mainFrame = new WebFrame();
  readonly sent: { readonly channel: string; readonly args: readonly unknown[] }[] = [];
  destroyed = false;
  /** Whether there is a page that hears what is sent: not before it has loaded, nor after its process has died. */
  listening = false;
  reloads = 0;
  openHandler: ((details: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse) | null = null;

  send(channel: string, ...args: readonly unknown[]): void {
    if (this.destroyed) throw new TypeError('Object has been destroyed');
    const cloned = structuredClone(args);
    if (!this.listening) return;
    this.sent.push({ channel, args: cloned });
    onSend.emit('sent', channel, cloned);
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  reload(): void {
    this.reloads += 1;
    this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
  }
  finishLoad(): void {
    this.listening = true;
    this.emit('did-finish-load');
  }
  die(reason: Electron.RenderProcessGoneDetails['reason']): void {
    this.listening = false;
    this.emit('render-process-gone', {}, { reason, exitCode: 1 });
  }
  forcefullyCrashRenderer(): void {
    this.die('killed');
  }
  getURL(): string {
    return this.mainFrame.url;
  }
  setWindowOpenHandler(
    handler: (details: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse,
  ): void {
    this.openHandler = handler;
  }
}

/** Web-contents as Chromium might make them without the app having asked for any. */
export function createWebContents(): WebContents {
  const contents = new WebContents();
  app.emit('web-contents-created', {}, contents);
  return contents;
}

export class BrowserWindow
  extends EventEmitter
  implements
    Pick<
      Electron.BrowserWindow,
      | 'show'
      | 'hide'
      | 'focus'
      | 'close'
      | 'restore'
      | 'minimize'
      | 'maximize'
      | 'isMinimized'
      | 'isMaximized'
      | 'isVisible'
      | 'isFocused'
      | 'loadURL'
      | 'getNormalBounds'
      | 'setTitle'
      | 'getTitle'
      | 'setBackgroundColor'
      | 'isFullScreen'
      | 'setFullScreen'
    >
{
  static all: BrowserWindow[] = [];
  /**
   * When a page is painted. On Wayland a window that is not shown is never painted, so `ready-to-show` comes only after it
   * was shown; a page that fails or hangs is never painted.
   */
  static painting: 'before it is shown' | 'after it is shown' | 'fails to load' | 'never' =
    'before it is shown';
  static getAllWindows(): BrowserWindow[] {
    return [...BrowserWindow.all];
  }
  readonly options: Electron.BrowserWindowConstructorOptions;
  readonly webContents: WebContents;
  bounds: Electron.Rectangle;
  background: string;
  focused = 0;
  /** Whether programs cannot take the focus for their own windows. */
  static wayland = false;
  #focused = false;
  #visible = false;
  #minimized = false;
  #maximized = false;
  #fullScreen = false;
  #title: string;

  constructor(options: Electron.BrowserWindowConstructorOptions) {
    super();
    this.options = options;
    this.bounds = {
      x: options.x ?? 0,
      y: options.y ?? 0,
      width: options.width ?? 800,
      height: options.height ?? 600,
    };
    this.background = options.backgroundColor ?? '';
    this.#title = options.title ?? '';
    BrowserWindow.all.push(this);
    this.webContents = createWebContents();
  }

  async loadURL(url: string): Promise<void> {
    this.webContents.mainFrame.url = url;
    this.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    await Promise.resolve();
    if (BrowserWindow.painting === 'never') return;
    if (BrowserWindow.painting === 'fails to load') {
      this.webContents.emit('did-fail-load', {}, -6, 'ERR_FILE_NOT_FOUND', url, true);
      throw new Error(`ERR_FILE_NOT_FOUND (-6) loading '${url}'`);
    }
    if (BrowserWindow.painting === 'before it is shown') this.emit('ready-to-show');
    this.webContents.finishLoad();
  }
  show(): void {
    const painted = this.#visible || BrowserWindow.painting !== 'after it is shown';
    // Showing what is in view already brings nothing to the front on Wayland.
    if (!this.#visible) this.#focused = true;
    this.#visible = true;
    this.emit('show');
    if (!painted) this.emit('ready-to-show');
  }
  hide(): void {
    this.#visible = false;
    this.#focused = false;
    this.emit('hide');
  }
  focus(): void {
    this.focused += 1;
    if (!BrowserWindow.wayland) this.#focused = true;
  }
  /** Another program's window comes to the front. */
  blur(): void {
    this.#focused = false;
  }
  minimize(): void {
    this.#minimized = true;
    this.emit('minimize');
  }
  restore(): void {
    this.#minimized = false;
    this.emit('restore');
  }
  maximize(): void {
    this.#maximized = true;
  }
  isVisible(): boolean {
    return this.#visible && !this.#minimized;
  }
  isFocused(): boolean {
    return this.isVisible() && this.#focused;
  }
  isMinimized(): boolean {
    return this.#minimized;
  }
  isFullScreen(): boolean {
    return this.#fullScreen;
  }
  setFullScreen(fullScreen: boolean): void {
    this.#fullScreen = fullScreen;
    setImmediate(() => this.emit(fullScreen ? 'enter-full-screen' : 'leave-full-screen'));
  }
  isMaximized(): boolean {
    return this.#maximized;
  }
  getNormalBounds(): Electron.Rectangle {
    return this.bounds;
  }
  setTitle(title: string): void {
    this.#title = title;
  }
  getTitle(): string {
    return this.#title;
  }
  setBackgroundColor(color: string): void {
    this.background = color;
  }
  /** Asks `close`; the last window that does close ends the app, as nobody listens for `window-all-closed`. */
  close(): void {
    const event = new PreventableEvent();
    this.emit('close', event);
    if (event.defaultPrevented) return;
    this.webContents.destroyed = true;
    BrowserWindow.all = BrowserWindow.all.filter((window) => window !== this);
    this.emit('closed');
    if (BrowserWindow.all.length === 0 && app.listenerCount('window-all-closed') === 0) app.quit();
  }
}
