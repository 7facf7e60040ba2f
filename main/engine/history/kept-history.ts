import { join } from 'node:path';
import type { Store } from '../store.ts';
import { createHistory, type History } from './history.ts';
import { createHistoryFile } from './history-file.ts';

export interface KeptHistory {
  readonly history: History;
  /** Where it is kept when it is; null: nowhere. */
  readonly path: string | null;
  /** Whether it outlasts this process from now on. */
  keep(kept: boolean): void;
  dispose(): Promise<void>;
}

/** A history of what the store says, with its file where there is a folder for one. */
export function createKeptHistory(store: Store, folder: string | null): KeptHistory {
  const history = createHistory();
  store.subscribe(() => history.observe(store.current()));
  const path = folder === null ? null : join(folder, 'history.json');
  const file =
    path === null
      ? null
      : createHistoryFile({
          path,
          history,
          onProblem: (problem) => store.apply({ kind: 'problem-found', problem }),
        });
  return {
    history,
    path,
    keep: (kept) => void file?.keep(kept),
    async dispose() {
      await file?.dispose();
    },
  };
}
