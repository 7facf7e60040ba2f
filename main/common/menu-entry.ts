/** What a tray menu consists of, and how its entries are made. */

import type { CallRef } from './contract.ts';
import type { Language } from './language.ts';
import type { Place } from './place.ts';
import type { Remedy } from './select/remedies.ts';
import type { Snapshot } from './snapshot.ts';
import type { menuWords } from './words/menu.ts';

export type MenuEntry =
  | { readonly kind: 'label'; readonly id: string; readonly label: string }
  | { readonly kind: 'separator' }
  | {
      readonly kind: 'action';
      readonly id: string;
      readonly label: string;
      readonly call: CallRef;
      readonly enabled: boolean;
    }
  | {
      readonly kind: 'check';
      readonly id: string;
      readonly label: string;
      readonly call: CallRef;
      readonly checked: boolean;
    }
  | {
      readonly kind: 'submenu';
      readonly id: string;
      readonly label: string;
      readonly entries: readonly MenuEntry[];
    };

export type MenuWords = (typeof menuWords)['en'];

/** What every entry is made from. */
export interface MenuContext {
  readonly snapshot: Snapshot;
  readonly language: Language;
  readonly words: MenuWords;
}

/** More than about fifteen entries on a level cannot be read at a glance; the window has the rest. */
const maxPerLevel = 15;

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly entries: readonly MenuEntry[];
  /** What stands there without an entry. */
  readonly empty: string;
  /** What follows the entries, for all of them together. */
  readonly after?: readonly MenuEntry[];
  readonly words: MenuWords;
}

export const separator: MenuEntry = { kind: 'separator' };

export function section({ id, title, entries, empty, after = [], words }: Section): MenuEntry {
  if (entries.length === 0) return label(id, empty);
  return submenu(id, `${title} (${entries.length})`, [
    ...atMost(id, entries, words),
    ...(after.length > 0 ? [separator, ...after] : []),
  ]);
}

/** As many of the entries as fit on a level, and one that leads to the window for the others. */
export function atMost(id: string, entries: readonly MenuEntry[], words: MenuWords): readonly MenuEntry[] {
  const hidden = entries.length - maxPerLevel;
  if (hidden <= 1) return entries;
  return [...entries.slice(0, maxPerLevel), show(`more ${id}`, words.more(hidden))];
}

export function label(id: string, text: string): MenuEntry {
  return { kind: 'label', id, label: text };
}

export function action(id: string, text: string, call: CallRef, enabled = true): MenuEntry {
  return { kind: 'action', id, label: text, call, enabled };
}

export function show(id: string, text: string, place?: Place): MenuEntry {
  return action(id, text, { name: 'app.showWindow', input: { place } });
}

export function copy(id: string, text: string, content: string): MenuEntry {
  return action(id, text, { name: 'app.copyText', input: { text: content } });
}

export function submenu(id: string, text: string, entries: readonly MenuEntry[]): MenuEntry {
  return { kind: 'submenu', id, label: text, entries };
}

/** The step that a failure leaves to the person. The window asks for what an entry cannot: the row there has the same step. */
export function remedyEntry(id: string, text: string, remedy: Remedy, row: Place): MenuEntry {
  switch (remedy.kind) {
    case 'log-in':
      return action(id, text, { name: 'host.login', input: { hostIds: [remedy.hostId] } });
    case 'accept-key':
      return show(id, text, row);
    case 'open-settings':
      return show(id, text, remedy.place);
    case 'copy-command':
      return copy(id, text, remedy.command);
  }
}
