// A face in a process of its own, as the window is: takes the Snapshot and then each patch as text, and tells at the end what
// it has come to.
import type { Snapshot } from '#common/model.ts';
import { applyPatch, type Patch } from '#common/reduce.ts';

/** Sent to it: the Snapshot first, then patches; the end asks for the Snapshot as the face has it. */
export type ToFace =
  | { readonly kind: 'snapshot' | 'patch'; readonly text: string }
  | { readonly kind: 'end' };

let snapshot: Snapshot | null = null;

process.on('message', (message: ToFace) => {
  if (message.kind === 'end') process.send?.(JSON.stringify(snapshot));
  else if (message.kind === 'snapshot') snapshot = JSON.parse(message.text) as Snapshot;
  else if (snapshot !== null) {
    const next = applyPatch(snapshot, JSON.parse(message.text) as Patch);
    if (next === 'gap') throw new Error('a patch is missing');
    snapshot = next;
  }
});
process.once('disconnect', () => process.exit());
