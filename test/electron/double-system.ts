/** The part of the double that is the system around the app: theme, screens, power, clipboard, notifications and dialogs. */

import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';

/** Follows `dark`, what the system says, unless told otherwise, and says so when that changes something. */
class NativeTheme
  extends EventEmitter
  implements Pick<Electron.NativeTheme, 'themeSource' | 'shouldUseDarkColors'>
{
  dark = false;
  #source: Electron.NativeTheme['themeSource'] = 'system';

  get themeSource(): Electron.NativeTheme['themeSource'] {
    return this.#source;
  }
  set themeSource(source: Electron.NativeTheme['themeSource']) {
    this.#source = source;
    this.emit('updated');
  }
  get shouldUseDarkColors(): boolean {
    return this.#source === 'system' ? this.dark : this.#source === 'dark';
  }
}

export const nativeTheme = new NativeTheme();

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

class Clipboard implements Pick<Electron.Clipboard, 'readText' | 'writeText'> {
  text = '';

  async readText(): Promise<string> {
    return this.text;
  }
  async writeText(text: string): Promise<void> {
    this.text = text;
  }
}

export const clipboard = new Clipboard();

class Shell implements Pick<Electron.Shell, 'openExternal'> {
  readonly opened: string[] = [];

  async openExternal(url: string): Promise<void> {
    this.opened.push(url);
  }
}

export const shell = new Shell();

export class Notification
  extends EventEmitter
  implements Pick<Electron.Notification, 'title' | 'body' | 'show' | 'close'>
{
  static supported = true;
  /** Those on the screen or in the notification centre, oldest first. */
  static shown: Notification[] = [];
  readonly options: Electron.NotificationConstructorOptions;

  constructor(options: Electron.NotificationConstructorOptions) {
    super();
    this.options = options;
  }
  get title(): string {
    return this.options.title ?? '';
  }
  get body(): string {
    return this.options.body ?? '';
  }
  static isSupported(): boolean {
    return Notification.supported;
  }
  show(): void {
    Notification.shown.push(this);
  }
  close(): void {
    Notification.shown = Notification.shown.filter((one) => one !== this);
  }
  /** What the system answers where it shows none of this app, as macOS does to one that is not signed. */
  fail(cause: string): void {
    this.close();
    this.emit('failed', {}, cause);
  }
  /** What a person does with it; one that timed out still lies in the notification centre. */
  end(reason: Electron.NotificationCloseEventParams['reason']): void {
    if (reason !== 'timedOut') this.close();
    this.emit('close', { reason });
  }
}

type MessageBox = Electron.MessageBoxOptions;

class Dialog {
  readonly errors: string[] = [];
  /** Every question, and in front of what it was asked. */
  readonly questions: (MessageBox & { readonly parent: unknown })[] = [];
  /** What a person answers; by default what Escape means. */
  answer: ((question: MessageBox) => Promise<Electron.MessageBoxReturnValue>) | null = null;

  showErrorBox(...[title, content]: Parameters<Electron.Dialog['showErrorBox']>): void {
    this.errors.push(`${title}: ${content}`);
  }
  async showMessageBox(
    ...given: [MessageBox] | [unknown, MessageBox]
  ): Promise<Electron.MessageBoxReturnValue> {
    const [parent, question] = given.length === 1 ? [null, given[0]] : given;
    this.questions.push({ ...question, parent });
    return this.answer?.(question) ?? { response: question.cancelId ?? 0, checkboxChecked: false };
  }
}

export const dialog = new Dialog();

type StorageBackend = ReturnType<Electron.SafeStorage['getSelectedStorageBackend']>;

/**
 * Encrypts so that a test can tell: every byte turned over, behind the mark of its keyring. As in the real one the backend
 * decides: `basic_text` encrypts nothing unless plain text was asked for.
 */
class SafeStorage
  implements
    Pick<
      Electron.SafeStorage,
      'encryptStringAsync' | 'decryptStringAsync' | 'isAsyncEncryptionAvailable' | 'getSelectedStorageBackend'
    >
{
  available = true;
  backend: StorageBackend = 'gnome_libsecret';
  keyring = 1;
  /** Whether a newer key is there than that of what is decrypted. */
  rotated = false;
  /** How often the keyring was opened, which may ask the person. */
  opened = 0;

  async isAsyncEncryptionAvailable(): Promise<boolean> {
    this.opened += 1;
    return this.available && this.backend !== 'basic_text';
  }
  getSelectedStorageBackend(): StorageBackend {
    return this.backend;
  }
  async encryptStringAsync(text: string): Promise<Buffer> {
    if (!(await this.isAsyncEncryptionAvailable())) throw new Error('Encryption is not available.');
    const mark = this.rotated ? this.keyring + 100 : this.keyring;
    return Buffer.from([mark, ...Buffer.from(text).map((byte) => byte ^ 0xff)]);
  }
  async decryptStringAsync(encrypted: Buffer): Promise<Electron.DecryptStringAsyncReturnValue> {
    this.opened += 1;
    const [mark = 0] = encrypted;
    if (mark % 100 !== this.keyring) throw new Error('Error while decrypting the ciphertext provided');
    const result = Buffer.from(encrypted.subarray(1).map((byte) => byte ^ 0xff)).toString();
    return { result, shouldReEncrypt: this.rotated && mark < 100 };
  }
}

export const safeStorage = new SafeStorage();

export function resetSystem(): void {
  for (const emitter of [nativeTheme, powerMonitor]) emitter.removeAllListeners();
  Object.assign(nativeTheme, { dark: false, themeSource: 'system' });
  screen.displays = [{ id: 1, workArea }];
  powerMonitor.onBattery = false;
  clipboard.text = '';
  shell.opened.length = 0;
  Notification.supported = true;
  Notification.shown = [];
  dialog.errors.length = 0;
  dialog.questions.length = 0;
  dialog.answer = null;
  Object.assign(safeStorage, new SafeStorage());
}
