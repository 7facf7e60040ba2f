/**
 * A double of the `electron` module: `vi.mock('electron', () => import('./double.ts'))`. Every part is held against
 * Electron's own types, keeps what the app did with it, and behaves as the real one does where the app relies on it:
 * quitting asks first, closing can be prevented, IPC goes through structured clone.
 */

import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import { Menu, Tray } from './double-menu.ts';
import { app, BrowserWindow, onSend } from './double-window.ts';

// What `import ... from 'electron'` finds.
export { Menu, Tray } from './double-menu.ts';
export { app, BrowserWindow } from './double-window.ts';

type InvokeHandler = (event: Electron.IpcMainInvokeEvent, ...args: unknown[]) => unknown;

class IpcMain extends EventEmitter implements Pick<Electron.IpcMain, 'handle' | 'removeHandler'> {
  readonly handlers = new Map<string, InvokeHandler>();

  handle(channel: string, handler: InvokeHandler): void {
    if (this.handlers.has(channel))
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.handlers.set(channel, handler);
  }
  removeHandler(channel: string): void {
    this.handlers.delete(channel);
  }
}

export const ipcMain = new IpcMain();

/** Who sends what the preload script invokes; by default the first window's top frame. */
export interface Sender {
  readonly sender: unknown;
  readonly senderFrame: unknown;
}

class IpcRenderer extends EventEmitter implements Pick<Electron.IpcRenderer, 'invoke'> {
  /** Overrides who sends. */
  from: Sender | null = null;
  readonly invoked: string[] = [];

  async invoke(channel: string, ...args: unknown[]): Promise<unknown> {
    this.invoked.push(channel);
    const handler = ipcMain.handlers.get(channel);
    if (handler === undefined) throw new Error(`Error invoking remote method '${channel}': no handler`);
    const contents = BrowserWindow.all[0]?.webContents;
    const event = this.from ?? { sender: contents, senderFrame: contents?.mainFrame };
    return structuredClone(await handler(event as Electron.IpcMainInvokeEvent, ...structuredClone(args)));
  }
}

export const ipcRenderer = new IpcRenderer();
onSend.on('sent', (channel: string, args: readonly unknown[]) =>
  ipcRenderer.emit(channel, { sender: ipcRenderer }, ...args),
);

class ContextBridge implements Pick<Electron.ContextBridge, 'exposeInMainWorld'> {
  /** What the page finds on its `window`. */
  readonly exposed = new Map<string, unknown>();

  exposeInMainWorld(name: string, api: unknown): void {
    this.exposed.set(name, api);
  }
}

export const contextBridge = new ContextBridge();

type ProtocolHandler = (request: Request) => Response | Promise<Response>;

class Protocol implements Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle'> {
  readonly privileged: Electron.CustomScheme[] = [];
  readonly handlers = new Map<string, ProtocolHandler>();

  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    this.privileged.push(...schemes);
  }
  handle(scheme: string, handler: ProtocolHandler): void {
    this.handlers.set(scheme, handler);
  }
}

export const protocol = new Protocol();

type RequestHandler = Parameters<Electron.Session['setPermissionRequestHandler']>[0];
type CheckHandler = Parameters<Electron.Session['setPermissionCheckHandler']>[0];
type DeviceHandler = Parameters<Electron.Session['setDevicePermissionHandler']>[0];
type BeforeRequest = (
  details: Electron.OnBeforeRequestListenerDetails,
  callback: (response: Electron.CallbackResponse) => void,
) => void;

class Session {
  requestHandler: RequestHandler = null;
  checkHandler: CheckHandler = null;
  deviceHandler: DeviceHandler = null;
  beforeRequest: BeforeRequest | null = null;
  readonly webRequest = {
    onBeforeRequest: (listener: BeforeRequest) => {
      this.beforeRequest = listener;
    },
  };
  setPermissionRequestHandler(handler: RequestHandler): void {
    this.requestHandler = handler;
  }
  setPermissionCheckHandler(handler: CheckHandler): void {
    this.checkHandler = handler;
  }
  setDevicePermissionHandler(handler: DeviceHandler): void {
    this.deviceHandler = handler;
  }
}

export const session = { defaultSession: new Session() };

type NativeTheme = Pick<Electron.NativeTheme, 'themeSource' | 'shouldUseDarkColors'>;

export const nativeTheme: { -readonly [Key in keyof NativeTheme]: NativeTheme[Key] } = {
  themeSource: 'system',
  shouldUseDarkColors: false,
};

const workArea = { x: 0, y: 0, width: 1920, height: 1040 };
type Display = Pick<Electron.Display, 'id' | 'workArea'>;

export const screen: {
  displays: Display[];
  getPrimaryDisplay(): Display;
  getAllDisplays(): Display[];
} = {
  displays: [{ id: 1, workArea }],
  getPrimaryDisplay() {
    return this.displays[0] ?? { id: 1, workArea };
  },
  getAllDisplays() {
    return this.displays;
  },
};

class PowerMonitor extends EventEmitter implements Pick<Electron.PowerMonitor, 'isOnBatteryPower'> {
  onBattery = false;

  isOnBatteryPower(): boolean {
    return this.onBattery;
  }
}

export const powerMonitor = new PowerMonitor();

class Clipboard implements Pick<Electron.Clipboard, 'writeText'> {
  text = '';

  async writeText(text: string): Promise<void> {
    this.text = text;
  }
}

export const clipboard = new Clipboard();

export class Notification {
  static shown: Electron.NotificationConstructorOptions[] = [];
  readonly options: Electron.NotificationConstructorOptions;

  constructor(options: Electron.NotificationConstructorOptions) {
    this.options = options;
  }
  static isSupported(): boolean {
    return true;
  }
  show(): void {
    Notification.shown.push(this.options);
  }
}

class Dialog implements Pick<Electron.Dialog, 'showErrorBox'> {
  readonly errors: string[] = [];

  showErrorBox(title: string, content: string): void {
    this.errors.push(`${title}: ${content}`);
  }
}

export const dialog = new Dialog();

type StorageBackend = ReturnType<Electron.SafeStorage['getSelectedStorageBackend']>;

/** Encrypts so that a test can tell: every byte turned over, behind the mark of its keyring. */
class SafeStorage
  implements
    Pick<
      Electron.SafeStorage,
      'isEncryptionAvailable' | 'encryptString' | 'decryptString' | 'getSelectedStorageBackend'
    >
{
  available = true;
  backend: StorageBackend = 'gnome_libsecret';
  keyring = 1;

  isEncryptionAvailable(): boolean {
    return this.available;
  }
  getSelectedStorageBackend(): StorageBackend {
    return this.backend;
  }
  encryptString(text: string): Buffer {
    return Buffer.from([this.keyring, ...Buffer.from(text).map((byte) => byte ^ 0xff)]);
  }
  decryptString(encrypted: Buffer): string {
    if (encrypted[0] !== this.keyring) throw new Error('Error while decrypting the ciphertext provided');
    return Buffer.from(encrypted.subarray(1).map((byte) => byte ^ 0xff)).toString();
  }
}

export const safeStorage = new SafeStorage();

/** Forgets everything between two tests, but what a preload script exposed: like a page, it is loaded once. */
export function resetDouble(): void {
  for (const emitter of [app, ipcRenderer, powerMonitor]) emitter.removeAllListeners();
  Object.assign(app, { name: '', isPackaged: false, sandboxed: false, hasLock: true, ended: null });
  app.ready = Promise.resolve();
  BrowserWindow.all = [];
  Tray.all = [];
  Tray.failure = null;
  Menu.application = null;
  ipcMain.handlers.clear();
  Object.assign(ipcRenderer, { from: null });
  ipcRenderer.invoked.length = 0;
  protocol.privileged.length = 0;
  protocol.handlers.clear();
  session.defaultSession = new Session();
  Object.assign(nativeTheme, { themeSource: 'system', shouldUseDarkColors: false });
  screen.displays = [{ id: 1, workArea }];
  clipboard.text = '';
  Notification.shown = [];
  dialog.errors.length = 0;
  Object.assign(safeStorage, new SafeStorage());
}

// electron-store takes what it needs from the default export.
// biome-ignore lint/style/noDefaultExport: the double has the shape of the module it stands in for
export default { app, ipcMain };
