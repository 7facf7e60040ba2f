import type { Language } from '#common/language.ts';
import { menu } from '#common/menu.ts';
import type { MenuEntry } from '#common/menu-entry.ts';
import type { Snapshot } from '#common/snapshot.ts';

const style = `
  body { margin: 0; padding: 24px; font: 13px system-ui; background: Canvas; color: CanvasText; overflow: auto }
  ul { display: inline-block; vertical-align: top; margin: 0; padding: 4px; list-style: none; border: 1px solid GrayText; border-radius: 6px }
  li { padding: 3px 10px; white-space: nowrap }
  li > ul { display: block; margin: 3px 0 3px 16px }
  [aria-disabled] { color: GrayText }
  hr { margin: 3px 0; border: 0; border-top: 1px solid GrayText }
`;

/** Draws the tray's menu of a Snapshot as a page, with all of its submenus open. */
export function drawTray(page: Document, snapshot: Snapshot, language: Language): void {
  const sheet = page.createElement('style');
  sheet.textContent = style;
  page.head.append(sheet);
  page.documentElement.lang = language;
  page.documentElement.style.colorScheme = snapshot.settings.theme === 'dark' ? 'dark' : 'light';
  page.body.replaceChildren(listOf(page, menu(snapshot, language)));
}

function listOf(page: Document, entries: readonly MenuEntry[]): HTMLElement {
  const list = page.createElement('ul');
  list.append(...entries.map((entry) => itemOf(page, entry)));
  return list;
}

function itemOf(page: Document, entry: MenuEntry): HTMLElement {
  const item = page.createElement('li');
  switch (entry.kind) {
    case 'separator':
      item.append(page.createElement('hr'));
      break;
    case 'submenu':
      item.append(entry.label, listOf(page, entry.entries));
      break;
    case 'check':
      item.append(`${entry.checked ? '✓ ' : ''}${entry.label}`);
      break;
    case 'label':
    case 'action':
      item.append(entry.label);
      if (entry.kind === 'label' || !entry.enabled) item.ariaDisabled = 'true';
  }
  return item;
}
