/** The part of the double that is clicked: menus and the tray. */

import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';

type ItemTemplate = Electron.MenuItemConstructorOptions;

/** As the real one: a label that is not given is empty here, where Electron takes that of the role. */
class MenuItem implements Pick<Electron.MenuItem, 'id' | 'label' | 'enabled' | 'checked' | 'type'> {
  readonly id: string;
  readonly label: string;
  readonly role: ItemTemplate['role'];
  readonly type: Electron.MenuItem['type'];
  readonly enabled: boolean;
  readonly checked: boolean;
  readonly accelerator: ItemTemplate['accelerator'];
  readonly submenu: Menu | null;
  readonly #click: ItemTemplate['click'];

  constructor(template: ItemTemplate) {
    const { submenu } = template;
    this.submenu = Array.isArray(submenu) ? new Menu(submenu) : null;
    this.id = template.id ?? '';
    this.label = template.label ?? '';
    this.role = template.role;
    this.type = template.type ?? (this.submenu === null ? 'normal' : 'submenu');
    this.enabled = template.enabled ?? true;
    this.checked = template.checked ?? false;
    this.accelerator = template.accelerator;
    this.#click = template.click;
  }
  /** The app's handlers take none of the arguments that Electron hands them. */
  click(): void {
    if (this.#click === undefined) throw new Error(`${this.label} does nothing of its own`);
    (this.#click as () => void)();
  }
}

export class Menu {
  static application: Menu | null = null;
  readonly items: readonly MenuItem[];

  constructor(template: readonly ItemTemplate[]) {
    this.items = template.map((item) => new MenuItem(item));
  }
  static buildFromTemplate(template: readonly ItemTemplate[]): Menu {
    return new Menu(template);
  }
  static setApplicationMenu(menu: Menu | null): void {
    Menu.application = menu;
  }
  static getApplicationMenu(): Menu | null {
    return Menu.application;
  }
}

/** A menu to its leaves as a person reads it: the path of labels, and whether it can be clicked. */
export function readMenu(menu: Menu): readonly { readonly path: string; readonly enabled: boolean }[] {
  return leaves(menu, []).map(({ path, item: { enabled } }) => ({ path: path.join(' > '), enabled }));
}

/** Clicks the entry at a path of labels; throws when there is none that can be clicked. */
export function clickMenu(menu: Menu, ...labels: readonly (string | RegExp)[]): void {
  const fits = (label: string, wanted: string | RegExp | undefined) =>
    wanted instanceof RegExp ? wanted.test(label) : label === wanted;
  const found = leaves(menu, []).find(
    ({ path }) => path.length === labels.length && path.every((label, index) => fits(label, labels[index])),
  );
  if (found === undefined || !found.item.enabled) {
    throw new Error(
      `no entry to click at ${labels.join(' > ')} in\n${JSON.stringify(readMenu(menu), null, 2)}`,
    );
  }
  found.item.click();
}

interface Leaf {
  readonly path: readonly string[];
  readonly item: MenuItem;
}

function leaves(menu: Menu, above: readonly string[]): readonly Leaf[] {
  return menu.items.flatMap((item) => {
    if (item.type === 'separator') return [];
    const path = [...above, item.label];
    return item.submenu === null ? [{ path, item }] : leaves(item.submenu, path);
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
