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
    >
{
  name = '';
  isPackaged = false;
  sandboxed = false;
  hasLock = true;
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
    return ['en-US'];
  }
  whenReady(): Promise<void> {
    return this.ready;
  }
  enableSandbox(): void {
    this.sandboxed = true;
  }
  requestSingleInstanceLock(): boolean {
    return this.hasLock;
  }
  exit(code = 0): void {
    this.ended = code;
    this.emit('ended');
  }
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

/** Tells the other end of IPC what was sent to a page. */
export const onSend = new EventEmitter();

class WebFrame implements Pick<Electron.WebFrameMain, 'url' | 'parent'> {
  readonly parent = null;
  url = '';
}

class WebContents
  extends EventEmitter
  implements Pick<Electron.WebContents, 'send' | 'isDestroyed' | 'reload' | 'setWindowOpenHandler'>
{
  readonly mainFrame = new WebFrame();
  readonly sent: { readonly channel: string; readonly args: readonly unknown[] }[] = [];
  destroyed = false;
  reloads = 0;
  openHandler: ((details: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse) | null = null;

  send(channel: string, ...args: readonly unknown[]): void {
    if (this.destroyed) throw new TypeError('Object has been destroyed');
    const cloned = structuredClone(args);
    this.sent.push({ channel, args: cloned });
    onSend.emit('sent', channel, cloned);
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  reload(): void {
    this.reloads += 1;
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
      | 'loadURL'
      | 'getNormalBounds'
      | 'setTitle'
      | 'getTitle'
    >
{
  static all: BrowserWindow[] = [];
  readonly options: Electron.BrowserWindowConstructorOptions;
  readonly webContents: WebContents;
  bounds: Electron.Rectangle;
  focused = 0;
  #visible = false;
  #minimized = false;
  #maximized = false;
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
    this.#title = options.title ?? '';
    BrowserWindow.all.push(this);
    this.webContents = createWebContents();
  }

  async loadURL(url: string): Promise<void> {
    this.webContents.mainFrame.url = url;
    await Promise.resolve();
    this.webContents.emit('did-finish-load');
    this.emit('ready-to-show');
  }
  show(): void {
    this.#visible = true;
    this.emit('show');
  }
  hide(): void {
    this.#visible = false;
    this.emit('hide');
  }
  focus(): void {
    this.focused += 1;
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
  isMinimized(): boolean {
    return this.#minimized;
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
