/**
 * Watches and works the app from within its main process, through Electron's own interface: the same code in the real
 * Electron, where it is loaded before the app, and in its double. What would put something in front of a person or open another
 * program is kept instead.
 */

import type * as Electron from 'electron';

interface MenuLeaf {
  readonly path: readonly string[];
  readonly enabled: boolean;
}

/** What goes in and comes out is plain data: in the real Electron it crosses a process. */
export interface Probe {
  /** The tray's menu to its leaves, as it would open now. */
  menu(): readonly MenuLeaf[];
  /** Clicks the entry at a path of regular expressions; false when there is none that can be clicked. */
  click(path: readonly string[]): boolean;
  toolTip(): string;
  clipboard(): Promise<string>;
  theme(): string;
  menuBar(): readonly string[];
  windows(): readonly { readonly title: string; readonly visible: boolean }[];
  closeWindow(): void;
  notifications(): readonly { readonly title: string; readonly body: string }[];
  clickNotification(index: number): void;
  /** Addresses that the system's browser was to open. */
  opened(): readonly string[];
  questions(): readonly string[];
  /** Which button answers the questions from now on. */
  answer(button: number): void;
  quit(): void;
}

export function installProbe(electron: typeof Electron): Probe {
  const { Tray, Notification, Menu, BrowserWindow, app, clipboard, dialog, nativeTheme, shell } = electron;
  let tray: Electron.Tray | null = null;
  let menu: Electron.Menu | null = null;
  let toolTip = '';
  let button = 1;
  const notifications: Electron.Notification[] = [];
  const opened: string[] = [];
  const questions: string[] = [];

  const { setContextMenu, setToolTip } = Tray.prototype;
  Tray.prototype.setToolTip = function (text) {
    tray = this;
    toolTip = text;
    setToolTip.call(this, text);
  };
  Tray.prototype.setContextMenu = function (given) {
    menu = given;
    setContextMenu.call(this, given);
  };
  Tray.prototype.popUpContextMenu = (given) => {
    menu = given ?? null;
  };
  Notification.isSupported = () => true;
  Notification.prototype.show = function () {
    notifications.push(this);
  };
  shell.openExternal = async (url) => {
    opened.push(url);
  };
  const ask = async (...given: readonly unknown[]) => {
    questions.push((given.at(-1) as Electron.MessageBoxOptions).message);
    return { response: button, checkboxChecked: false };
  };
  dialog.showMessageBox = ask;

  const leaves = (items: readonly Electron.MenuItem[], above: readonly string[]): readonly Leaf[] =>
    items.flatMap((item) => {
      if (item.type === 'separator') return [];
      const path = [...above, item.label];
      return item.submenu ? leaves(item.submenu.items, path) : [{ path, item }];
    });
  const current = (): readonly Leaf[] => {
    // Where the menu is built when it opens, this opens it.
    if (process.platform !== 'linux') (tray as NodeJS.EventEmitter | null)?.emit('right-click');
    return leaves(menu?.items ?? [], []);
  };

  return {
    menu: () => current().map(({ path, item }) => ({ path, enabled: item.enabled })),
    click(wanted) {
      const found = current().find(
        ({ path, item }) =>
          item.enabled &&
          path.length === wanted.length &&
          path.every((label, index) => new RegExp(wanted[index] ?? '').test(label)),
      );
      (found?.item.click as (() => void) | undefined)?.call(found?.item);
      return found !== undefined;
    },
    toolTip: () => toolTip,
    clipboard: () => clipboard.readText(),
    theme: () => nativeTheme.themeSource,
    menuBar: () => Menu.getApplicationMenu()?.items.map(({ label }) => label) ?? [],
    windows: () =>
      BrowserWindow.getAllWindows().map((window) => ({
        title: window.getTitle(),
        visible: window.isVisible(),
      })),
    closeWindow: () => BrowserWindow.getAllWindows()[0]?.close(),
    notifications: () => notifications.map(({ title, body }) => ({ title, body })),
    clickNotification: (index) => void notifications[index]?.emit('click'),
    opened: () => opened,
    questions: () => questions,
    answer(which) {
      button = which;
    },
    quit: () => app.quit(),
  };
}

interface Leaf {
  readonly path: readonly string[];
  readonly item: Electron.MenuItem;
}
