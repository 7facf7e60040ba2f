import type { View } from '#common/place.ts';

/** The letter after `g` that goes to each view; their order also gives the digits. */
export const viewKeys: Readonly<Record<View, string>> = {
  gpus: 'g',
  models: 'm',
  forwards: 'f',
  settings: 's',
  diagnostics: 'd',
};

/** Where keys have a meaning of their own. */
const takers = [
  'input:not([type="checkbox"], [type="radio"])',
  'textarea',
  'select',
  '[contenteditable="true"]',
  '[role="menu"]',
].join(', ');

/** Whether a key press may be a shortcut: no text is being typed, no dialog is open, and it is no chord of the browser or system. */
export function isFreeKey(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey)
    return false;
  if (event.target instanceof Element && event.target.closest(takers) !== null) return false;
  return document.querySelector('dialog[open]') === null;
}

/** Whether it is Ctrl+K or Command+K, which opens the palette. */
export function isPaletteChord(event: KeyboardEvent): boolean {
  const { ctrlKey, metaKey, altKey, shiftKey, isComposing, defaultPrevented } = event;
  if (altKey || shiftKey || isComposing || defaultPrevented) return false;
  return ctrlKey !== metaKey && keyOf(event) === 'k';
}

/** The key in lower case; of a keyboard with other letters the Latin one at its place. */
export function keyOf({ key, code }: KeyboardEvent): string {
  const other = key.length === 1 && key > '\u007f' ? /^Key([A-Z])$/.exec(code)?.[1] : undefined;
  return (other ?? key).toLowerCase();
}
