// A face in a process of its own, as the window is, or the tray if the engine had a process of its own: takes the Snapshot and
// then each patch as text, draws the tray's menu once a second, and tells at the end what it has come to and how its event
// loop kept up.

import { menu } from '#common/menu.ts';
import { applyPatch, type Patch } from '#common/patch.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { type Stalls, watchStalls } from './stalls.ts';

/** Sent to it: the Snapshot first, then patches; the end asks for the Snapshot as the face has it. */
export type ToFace =
  | { readonly kind: 'snapshot' | 'patch'; readonly text: string }
  | { readonly kind: 'end' };

export interface FromFace {
  /** The Snapshot as JSON. */
  readonly text: string;
  readonly stalls: Stalls;
}

let snapshot: Snapshot | null = null;
let drawn = '';
const stalls = watchStalls();
setInterval(() => {
  if (snapshot !== null) drawn = JSON.stringify(menu(snapshot, 'en'));
}, 1000);

process.on('message', (message: ToFace) => {
  if (message.kind === 'end') {
    if (drawn === '') throw new Error('no menu was drawn');
    const late = stalls.stop();
    process.send?.({ text: JSON.stringify(snapshot), stalls: late } satisfies FromFace);
  } else if (message.kind === 'snapshot') snapshot = JSON.parse(message.text) as Snapshot;
  else if (snapshot !== null) {
    const next = applyPatch(snapshot, JSON.parse(message.text) as Patch);
    if (next === 'gap') throw new Error('a patch is missing');
    snapshot = next;
  }
});
process.once('disconnect', () => process.exit());
