import { createContext, useContext, useSyncExternalStore } from 'react';
import { type Bridge, createBridge } from '#common/bridge.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { createCopyText } from '../lib/clipboard.ts';
import { createDownload } from '../lib/download.ts';
import type { Face } from '../transport/choose.ts';
import { type Actions, createActions } from './actions.ts';
import { createHistoryStore, type HistoryStore } from './history-store.ts';
import { createInViewReporter, type InViewReporter } from './in-view-reporter.ts';
import { languageOf } from './language.ts';
import { createScrollPace } from './pace.ts';
import { reveal } from './route.ts';
import { type AppState, createSnapshotStore, type SnapshotStore } from './snapshot-store.ts';
import { createToastStore, type ToastStore } from './toast-store.ts';

/** What every component may use. */
export interface Services {
  readonly face: Face['kind'];
  readonly bridge: Bridge;
  readonly store: SnapshotStore;
  readonly history: HistoryStore;
  readonly inView: InViewReporter;
  readonly toasts: ToastStore;
  readonly actions: Actions;
}

/** Wires the window to the engine behind the face's Transport, and starts following its Snapshot. */
export function createServices(face: Face, page: Window): Services {
  const bridge = createBridge(face.transport);
  const toasts = createToastStore();
  const store = createSnapshotStore(bridge, createScrollPace(page.document));
  const language = () => languageOf(store.get(), page);
  bridge.on('reveal', reveal);
  const copyText = createCopyText(bridge, page);
  const download = createDownload(page);
  const snapshot = () => store.get().snapshot;
  return {
    face: face.kind,
    bridge,
    store,
    history: createHistoryStore({ bridge, store }),
    inView: createInViewReporter(bridge, page.document),
    toasts,
    actions: createActions({ bridge, toasts, copyText, download, snapshot, language }),
  };
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error('no services above this component');
  return services;
}

export function useActions(): Actions {
  return useServices().actions;
}

/** Re-renders only when what `select` returns is another value; it must return a part of the state, not a new object. */
export function useAppState<Part>(select: (state: AppState) => Part): Part {
  const { store } = useServices();
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

/** The whole Snapshot, for views, which are shown only once there is one; their rows are memoised by what they show. */
export function useSnapshot(): Snapshot {
  const snapshot = useAppState((state) => state.snapshot);
  if (snapshot === null) throw new Error('a view was shown before the first snapshot');
  return snapshot;
}
