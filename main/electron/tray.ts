import { Menu, type MenuItemConstructorOptions, Tray } from 'electron';
import type { Reply, ReplyError } from '#common/answer.ts';
import type { CallRef } from '#common/contract.ts';
import type { Language } from '#common/language.ts';
import { menu } from '#common/menu.ts';
import type { MenuEntry } from '#common/menu-entry.ts';
import { trayShape } from '#common/shape.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createAlarm, every } from '#common/timer.ts';
import { headline } from '#common/words/states.ts';
import { changes } from './changes.ts';
import { trayIconFile } from './tray-icon.ts';

export interface TrayDeps {
  /** As it may be shown now. */
  readonly snapshot: () => Snapshot;
  readonly language: () => Language;
  /** Calls back whenever the Snapshot has changed, until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Makes a contract call, the same way as one from the window. */
  readonly run: (call: CallRef) => Promise<Reply>;
  readonly onFailure: (error: ReplyError) => void;
  readonly showWindow: () => void;
  readonly iconsDir: string;
  readonly platform: NodeJS.Platform;
}

// Linux is handed a whole new menu over D-Bus with every change; more often than this it would flicker while read.
const minimumGapMs = 1000;
/** Numbers grow old also when nothing changes. */
const ageEveryMs = 15_000;

/** Draws the Snapshot as icon, tooltip and menu until disposed. Throws where Electron can make no tray icon. */
export function createTray(deps: TrayDeps): { dispose(): void } {
  const { platform } = deps;
  const tray = new Tray(trayIconFile(deps.iconsDir, trayShape(deps.snapshot()), platform));
  const buildMenu = (entries: readonly MenuEntry[]) =>
    Menu.buildFromTemplate(entries.map((entry) => menuItem(entry, click)));

  const setIcon = changes((shape: string) => tray.setImage(shape));
  const setTooltip = changes((text: string) => tray.setToolTip(text));
  let drawn = '';
  const draw = () => {
    const snapshot = deps.snapshot();
    setIcon(trayIconFile(deps.iconsDir, trayShape(snapshot), platform));
    setTooltip(headline(snapshot, deps.language()));
    // Elsewhere the menu is built when it is opened.
    if (platform !== 'linux') return;
    const entries = menu(snapshot, deps.language());
    const description = JSON.stringify(entries);
    if (description === drawn) return;
    drawn = description;
    tray.setContextMenu(buildMenu(entries));
  };
  const click = (call: CallRef) => {
    // What the host asks is asked in the window.
    if (call.name === 'host.login') deps.showWindow();
    void deps.run(call).then((reply) => {
      if (!reply.ok) deps.onFailure(reply.error);
    });
  };

  // Kept here while it is open: a menu without a reference is collected and vanishes.
  let open: Menu | null = null;
  const popUp = () => {
    open = buildMenu(menu(deps.snapshot(), deps.language()));
    tray.popUpContextMenu(open);
  };
  if (platform !== 'linux') tray.on('right-click', popUp);
  tray.on('click', platform === 'darwin' ? popUp : deps.showWindow);

  const redraw = coalesce(draw, minimumGapMs);
  const unsubscribe = deps.subscribe(redraw.request);
  const aging = every(ageEveryMs, redraw.request);
  draw();
  return {
    dispose() {
      unsubscribe();
      aging.cancel();
      redraw.cancel();
      open = null;
      tray.destroy();
    },
  };
}

function menuItem(entry: MenuEntry, click: (call: CallRef) => void): MenuItemConstructorOptions {
  switch (entry.kind) {
    case 'separator':
      return { type: 'separator' };
    case 'label':
      return { id: entry.id, label: literal(entry.label), enabled: false };
    case 'action':
      return {
        id: entry.id,
        label: literal(entry.label),
        enabled: entry.enabled,
        click: () => click(entry.call),
      };
    case 'check':
      return {
        id: entry.id,
        label: literal(entry.label),
        type: 'checkbox',
        checked: entry.checked,
        click: () => click(entry.call),
      };
    case 'submenu':
      return {
        id: entry.id,
        label: literal(entry.label),
        submenu: entry.entries.map((child) => menuItem(child, click)),
      };
  }
}

/** Every platform takes a single ampersand for the mark of a shortcut and swallows it. */
function literal(label: string): string {
  return label.replaceAll('&', '&&');
}

/** Runs `work` at once when asked, and then not again before `gapMs` have passed; requests in between become one. */
function coalesce(work: () => void, gapMs: number): { request(): void; cancel(): void } {
  const gap = createAlarm();
  let waiting = false;
  const begin = (): void => {
    waiting = false;
    gap.after(gapMs, () => {
      if (waiting) begin();
    });
    work();
  };
  return {
    request() {
      if (gap.isSet()) waiting = true;
      else begin();
    },
    cancel: gap.cancel,
  };
}
