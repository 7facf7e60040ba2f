/** `state.json` in the engine's data folder: what it keeps for its next start, shared by all copies that run. */

import { join } from 'node:path';
import { openSharedFile, type State } from '../files/shared-file.ts';

export type { State };

export interface StateFile {
  /** What the file holds now, with what could not be written to it; empty when there is none that can be read. Never throws. */
  read(): State;
  /** Reads, changes and writes it, with no other copy in between; resolves when that is done. Never rejects. */
  change(work: (state: State) => State): Promise<void>;
}

/** Of the file's form: higher ones are read as far as they are understood, and stay what they are. */
const version = 1;

/** `onProblem` is called once with why the file cannot be kept, or that it was broken. */
export function openStateFile(folder: string, onProblem: (detail: string) => void): StateFile {
  let reported = false;
  const tell = (what: string, error?: unknown): void => {
    if (reported) return;
    reported = true;
    onProblem(`${folder}: ${what}${error === undefined ? '' : `: ${String(error)}`}`);
  };
  const file = openSharedFile(join(folder, 'state.json'), () =>
    tell('state.json was not readable; it is kept as state.json.broken'),
  );
  return {
    read() {
      const trouble = file.trouble();
      if (trouble?.kind === 'unreadable') tell('state.json cannot be read', trouble.error);
      return file.read() ?? {};
    },
    async change(work) {
      try {
        await file.change((state) => {
          const before = state ?? {};
          const after = work(before);
          const kept = typeof before.version === 'number' ? before.version : version;
          return after === before ? state : { ...after, version: Math.max(kept, version) };
        });
      } catch (error) {
        tell('state.json cannot be written', error);
      }
    },
  };
}

/** The same where there is no folder: it lasts as long as the engine. */
export function volatileFile(): StateFile {
  let state: State = {};
  return {
    read: () => state,
    async change(work) {
      state = work(state);
    },
  };
}
