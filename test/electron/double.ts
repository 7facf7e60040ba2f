/**
 * A double of the `electron` module: `vi.mock('electron', () => import('./double.ts'))`. Every part is held against
 * Electron's own types, keeps what the app did with it, and behaves as the real one does where the app relies on it:
 * quitting asks first, closing can be prevented, IPC goes through structured clone.
 */

import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import { Menu, Tray } from './double-menu.ts';
import { resetSystem } from './double-system.ts';
import { app, BrowserWindow, onSend, resetApp } from './double-window.ts';

// What `import ... from 'electron'` finds.
export { Menu, Tray } from './double-menu.ts';
export {
  clipboard,
  dialog,
  Notification,
  nativeTheme,
  powerMonitor,
  safeStorage,
  screen,
  shell,
} from './double-system.ts';
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
interface Sender {
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

class Session extends EventEmitter {
  requestHandler: RequestHandler = null;
  checkHandler: CheckHandler = null;
  deviceHandler: DeviceHandler = null;
  beforeRequest: BeforeRequest | null = null;
  readonly webRequest = {
    onBeforeRequest: (listener: BeforeRequest) => {
      this.beforeRequest = listener;
    },
  };
  spellChecker = true;
  setSpellCheckerEnabled(enable: boolean): void {
    this.spellChecker = enable;
  }
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

/** Forgets everything between two tests, but what a preload script exposed: like a page, it is loaded once. */
export function resetDouble(): void {
  resetApp();
  resetSystem();
  ipcRenderer.removeAllListeners();
  Tray.all = [];
  Tray.failure = null;
  Menu.application = null;
  ipcMain.handlers.clear();
  Object.assign(ipcRenderer, { from: null });
  ipcRenderer.invoked.length = 0;
  protocol.privileged.length = 0;
  protocol.handlers.clear();
  session.defaultSession = new Session();
}

// electron-store takes what it needs from the default export.
// biome-ignore lint/style/noDefaultExport: the double has the shape of the module it stands in for
export default { app, ipcMain };
