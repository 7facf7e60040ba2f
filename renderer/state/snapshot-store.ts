import type { Bridge, LinkState } from '#common/bridge.ts';
import { AppError, type ErrorCode } from '#common/failure.ts';
import { applyPatch, type Patch } from '#common/patch.ts';
import type { Snapshot } from '#common/snapshot.ts';
import type { Pace } from './pace.ts';
import { createPacedSnapshot } from './paced-snapshot.ts';

export interface AppState {
  /** Null until the first answer; the last known one while the link is lost. What is too old in it is unknown. */
  readonly snapshot: Snapshot | null;
  readonly link: LinkState;
  /** Why the Snapshot could not be had, while there is none. */
  readonly failure: ErrorCode | null;
}

const atOnce: Pace = { waitMs: () => 0 };

export interface SnapshotStore {
  get(): AppState;
  subscribe(listener: () => void): () => void;
  /** Asks for the whole Snapshot again. */
  reload(): void;
  dispose(): void;
}

/** For the whole Snapshot; the answer to any but the latest one is passed over. */
type Request =
  | { readonly kind: 'none' }
  /** With the patches that came meanwhile. */
  | { readonly kind: 'waiting'; readonly early: Patch[] };

/**
 * Follows the engine's Snapshot: asks for it once, then applies patches, and asks again after a gap or a lost link. Patches
 * that arrive while the Snapshot is on its way are applied to it afterwards. Patches that come fast are shown at the pace given.
 */
export function createSnapshotStore(bridge: Bridge, pace: Pace = atOnce): SnapshotStore {
  let state: AppState = { snapshot: null, link: 'open', failure: null };
  let request: Request = { kind: 'none' };
  const listeners = new Set<() => void>();

  const set = (change: Partial<AppState>) => {
    state = { ...state, ...change };
    for (const listener of [...listeners]) listener();
  };
  const paced = createPacedSnapshot(pace, (snapshot) => set({ snapshot }));

  const load = async () => {
    const early: Patch[] = [];
    const mine: Request = { kind: 'waiting', early };
    request = mine;
    if (state.failure !== null) set({ failure: null });
    try {
      const received = await bridge.call('snapshot.get', {});
      if (request === mine) receive(received, early);
    } catch (error) {
      if (request !== mine) return;
      request = { kind: 'none' };
      set({ failure: error instanceof AppError ? error.code : 'internal' });
    }
  };

  const receive = (received: Snapshot, early: readonly Patch[]) => {
    const snapshot = early.reduce<Snapshot | 'gap'>(
      (current, patch) => (current === 'gap' ? current : applyPatch(current, patch)),
      received,
    );
    request = { kind: 'none' };
    paced.begin(snapshot === 'gap' ? received : snapshot);
    if (snapshot === 'gap') void load();
  };

  const follow = (patch: Patch) => {
    if (request.kind === 'waiting') {
      request.early.push(patch);
      return;
    }
    const known = paced.latest();
    if (known === null) return;
    const snapshot = applyPatch(known, patch);
    if (snapshot === 'gap') void load();
    else if (snapshot !== known) paced.follow(snapshot);
  };

  const stops = [
    bridge.on('patch', follow),
    bridge.onLink((link) => {
      if (link === state.link) return;
      set({ link });
      if (link === 'open') void load();
    }),
  ];
  void load();

  return {
    get: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reload: () => void load(),
    dispose: () => {
      request = { kind: 'none' };
      paced.dispose();
      for (const stop of stops) stop();
      listeners.clear();
    },
  };
}
