import type { Bridge, LinkState } from '#common/bridge.ts';
import { AppError, type ErrorCode } from '#common/errors.ts';
import type { Snapshot } from '#common/model.ts';
import { applyPatch, type Patch } from '#common/reduce.ts';
import type { Pace } from './pace.ts';

export interface AppState {
  /** Null until the first answer; the last known one while the link is lost. */
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

/**
 * Follows the engine's Snapshot: asks for it once, then applies patches, and asks again after a gap or a lost link. Patches
 * that arrive while the Snapshot is on its way are applied to it afterwards. Patches that come fast are shown at the pace given.
 */
export function createSnapshotStore(bridge: Bridge, pace: Pace = atOnce): SnapshotStore {
  let state: AppState = { snapshot: null, link: 'open', failure: null };
  /** What is known but not shown yet; null: nothing. */
  let ahead: Snapshot | null = null;
  let shownAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latestRequest = 0;
  /** Null when no Snapshot is awaited. */
  let early: Patch[] | null = null;
  const listeners = new Set<() => void>();

  const set = (change: Partial<AppState>) => {
    state = { ...state, ...change };
    for (const listener of [...listeners]) listener();
  };

  const show = () => {
    clearTimeout(timer);
    timer = undefined;
    if (ahead === null) return;
    const snapshot = ahead;
    ahead = null;
    shownAt = Date.now();
    set({ snapshot });
  };

  const showInTime = () => {
    const waitMs = pace.waitMs(Date.now() - shownAt);
    if (waitMs === 0) show();
    else
      timer ??= setTimeout(() => {
        timer = undefined;
        showInTime();
      }, waitMs);
  };

  const load = async () => {
    latestRequest += 1;
    const request = latestRequest;
    early = [];
    if (state.failure !== null) set({ failure: null });
    try {
      const snapshot = await bridge.call('snapshot.get', {});
      if (request === latestRequest) receive(snapshot);
    } catch (error) {
      if (request !== latestRequest) return;
      early = null;
      set({ failure: error instanceof AppError ? error.code : 'internal' });
    }
  };

  const receive = (received: Snapshot) => {
    const waiting = early ?? [];
    early = null;
    const snapshot = waiting.reduce<Snapshot | 'gap'>(
      (current, patch) => (current === 'gap' ? current : applyPatch(current, patch)),
      received,
    );
    ahead = null;
    set({ snapshot: snapshot === 'gap' ? received : snapshot, failure: null });
    if (snapshot === 'gap') void load();
  };

  const follow = (patch: Patch) => {
    if (early !== null) {
      early.push(patch);
      return;
    }
    const known = ahead ?? state.snapshot;
    if (known === null) return;
    const snapshot = applyPatch(known, patch);
    if (snapshot === 'gap') void load();
    else if (snapshot !== known) {
      ahead = snapshot;
      showInTime();
    }
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
      latestRequest += 1;
      clearTimeout(timer);
      for (const stop of stops) stop();
      listeners.clear();
    },
  };
}
