/**
 * The page that `npm run dev` serves: the window as it is; at `/#gallery` the list of its states; and at
 * `/?gallery=STATE&language=ru&theme=dark&contrast=more` one of them, which is the window on a Snapshot made up for it.
 */

import type { Language } from '#common/language.ts';
import { hashOf } from '#common/place.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { fetchParts } from '../../renderer/components/later.tsx';
import { showList } from './list.ts';
import { readLook, withLook } from './look.ts';
import { askMenu, fill, openPalette, pressAll, unfold, until } from './press.ts';
import { type GalleryState, states } from './states.ts';
import { transportOn } from './transport.ts';
import { drawTray } from './tray.ts';

async function open(): Promise<void> {
  const query = new URLSearchParams(window.location.search);
  const name = query.get('gallery');
  if (name === null && window.location.hash === '#gallery') return showList(document);
  if (name !== null) {
    const state = states[name];
    if (state === undefined) throw new Error(`there is no state ${name} in the gallery`);
    const look = readLook(query);
    await show(state, withLook(state.snapshot(), look), look.language);
    document.documentElement.dataset.gallery = 'shown';
    return;
  }
  await import('../../renderer/main.tsx');
}

async function show(state: GalleryState, snapshot: Snapshot, language: Language): Promise<void> {
  if (state.face === 'tray') return drawTray(document, snapshot, language);
  // As the preload of the desktop face does; without it the window is in a browser.
  if (state.face !== 'browser') Object.defineProperty(window, 'vllmTray', { value: transportOn(snapshot) });
  if (state.place !== undefined) window.history.replaceState(null, '', hashOf(state.place));
  // What comes later is there already, so that no picture is of its place.
  await import('../../renderer/App.tsx');
  await fetchParts();
  await import('../../renderer/main.tsx');
  if (state.unfold !== undefined) await unfold(document, state.unfold);
  if (state.menuOf !== undefined) await askMenu(document, state.menuOf);
  if (state.palette === true) await openPalette(document);
  await pressAll(document, state.press?.(language) ?? []);
  for (const [label, text] of state.fill?.(language) ?? []) await fill(document, label, text);
  await pressAll(document, state.thenPress?.(language) ?? []);
  if (state.until !== undefined) await until(document, state.until);
}

await open();
