/** The part of the double that is clicked: menus and the tray. */

import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';

type MenuTemplate = readonly (Electron.MenuItemConstructorOptions | Electron.MenuItem)[];

export class Menu {
  static application: Menu | null = null;
  readonly template: MenuTemplate;

  constructor(template: MenuTemplate) {
    this.template = template;
  }
  static buildFromTemplate(template: MenuTemplate): Menu {
    return new Menu(template);
  }
  static setApplicationMenu(menu: Menu | null): void {
    Menu.application = menu;
  }
}

/** A menu to its leaves as a person reads it: the path of labels, and whether it can be clicked. */
export function readMenu(menu: Menu): readonly { readonly path: string; readonly enabled: boolean }[] {
  return leaves(menu.template, []).map(({ path, item }) => ({
    path: path.join(' > '),
    enabled: item.enabled ?? true,
  }));
}

/** Clicks the entry at a path of labels; throws when there is none that can be clicked. */
export function clickMenu(menu: Menu, ...labels: readonly (string | RegExp)[]): void {
  const fits = (label: string, wanted: string | RegExp | undefined) =>
    wanted instanceof RegExp ? wanted.test(label) : label === wanted;
  const found = leaves(menu.template, []).find(
    ({ path }) => path.length === labels.length && path.every((label, index) => fits(label, labels[index])),
  );
  if (found?.item.click === undefined || found.item.enabled === false) {
    throw new Error(
      `no entry to click at ${labels.join(' > ')} in\n${JSON.stringify(readMenu(menu), null, 2)}`,
    );
  }
  // The app's handlers take none of the arguments that Electron hands them.
  (found.item.click as () => void)();
}

interface Leaf {
  readonly path: readonly string[];
  readonly item: Electron.MenuItemConstructorOptions;
}

function leaves(template: MenuTemplate, above: readonly string[]): readonly Leaf[] {
  return (template as readonly Electron.MenuItemConstructorOptions[]).flatMap((item) => {
    if (item.type === 'separator') return [];
    const path = [...above, item.label ?? item.role ?? ''];
    return Array.isArray(item.submenu) ? leaves(item.submenu, path) : [{ path, item }];
  });
}

export class Tray extends EventEmitter {
  static all: Tray[] = [];
  /** What the constructor throws, where a desktop has no tray. */
  static failure: Error | null = null;
  image: string;
  toolTip = '';
  /** Every menu it was given, the latest last. */
  readonly menus: Menu[] = [];
  readonly popUps: Menu[] = [];
  destroyed = false;

  constructor(image: string) {
    super();
    if (Tray.failure !== null) throw Tray.failure;
    this.image = image;
    Tray.all.push(this);
  }
  setImage(image: string): void {
    this.image = image;
  }
  setToolTip(toolTip: string): void {
    this.toolTip = toolTip;
  }
  setContextMenu(menu: Menu): void {
    this.menus.push(menu);
  }
  popUpContextMenu(menu: Menu): void {
    this.popUps.push(menu);
  }
  destroy(): void {
    this.destroyed = true;
  }
}
