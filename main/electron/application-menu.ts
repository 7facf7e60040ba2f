import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { Language } from '#common/language.ts';
import { desktopWords } from './words.ts';

export interface ApplicationMenu {
  readonly platform: NodeJS.Platform;
  readonly devTools: boolean;
  readonly language: Language;
  readonly showSettings: () => void;
}

/**
 * Sets the menu bar: hidden but on macOS, and what gives the window its keys for editing, zoom and closing. The labels are
 * given, because those that Electron gives to a role are English.
 */
export function setApplicationMenu({ platform, devTools, language, showSettings }: ApplicationMenu): void {
  const words = desktopWords[language];
  const mac = platform === 'darwin';
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const app: MenuItemConstructorOptions[] = [
    { role: 'about', label: words.about },
    separator,
    { label: words.settings, accelerator: 'Command+,', click: () => showSettings() },
    separator,
    { role: 'services', label: words.services },
    separator,
    { role: 'hide', label: words.hide },
    { role: 'hideOthers', label: words.hideOthers },
    { role: 'unhide', label: words.showAll },
    separator,
    { role: 'quit', label: words.quit },
  ];
  const edit: MenuItemConstructorOptions[] = [
    { role: 'undo', label: words.undo },
    { role: 'redo', label: words.redo },
    separator,
    { role: 'cut', label: words.cut },
    { role: 'copy', label: words.copy },
    { role: 'paste', label: words.paste },
    { role: 'selectAll', label: words.selectAll },
  ];
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom', label: words.resetZoom },
    { role: 'zoomIn', label: words.zoomIn },
    { role: 'zoomOut', label: words.zoomOut },
    { role: 'togglefullscreen', label: words.fullScreen },
    ...(devTools ? [{ role: 'toggleDevTools', label: words.devTools } as const] : []),
  ];
  const window: MenuItemConstructorOptions[] = [
    { role: 'minimize', label: words.minimize },
    ...(mac ? [{ role: 'zoom', label: words.zoomWindow } as const] : []),
    { role: 'close', label: words.closeWindow },
    ...(mac ? [separator, { role: 'front', label: words.bringAllToFront } as const] : []),
  ];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(mac ? [{ label: 'vllm-tray', submenu: app }] : []),
      { label: words.edit, submenu: edit },
      { label: words.view, submenu: view },
      // The role lets macOS list the windows there.
      { role: 'window', label: words.window, submenu: window },
    ]),
  );
}
