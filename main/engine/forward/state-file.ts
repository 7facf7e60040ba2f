/** `state.json` in the engine's data folder: what it keeps for its next start, shared by all copies that run. */

import { closeSync, copyFileSync, openSync, rmSync, statSync } from 'node:fs';
import Conf from 'conf';

export type State = Readonly<Record<string, unknown>>;

export interface StateFile {
  /** What the file holds now; empty when there is none, or none that can be read. Never throws. */
  read(): State;
  /** Reads, changes and writes it, with no other copy in between. Never throws. */
  change(work: (state: State) => State): void;
}

/** Of the file's form: higher ones are read as far as they are understood, and stay what they are. */
const version = 1;

/** Holding it takes milliseconds; an older one was left by a process that has died. */
const lockStaleMs = 2000;
/** Longer than that: only many copies that write all the time, on a busy computer, make somebody wait so long. */
const lockPatienceMs = 3000;
const lockPauseMs = 5;

/** `onProblem` is told once why the file cannot be kept, or that it was broken. */
export function openStateFile(folder: string, onProblem: (detail: string) => void): StateFile {
  let told = false;
  const tell = (what: string, error?: unknown): void => {
    if (told) return;
    told = true;
    onProblem(`${folder}: ${what}${error === undefined ? '' : `: ${String(error)}`}`);
  };
  let broken = false;

  const deserialize = (text: string): Record<string, unknown> => {
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
    } catch {
      // Told below, like everything else that is not an object.
    }
    broken = true;
    return {};
  };

  let conf: Conf<Record<string, unknown>> | null = null;
  try {
    conf = new Conf({ cwd: folder, configName: 'state', configFileMode: 0o600, deserialize });
  } catch (error) {
    tell('state.json cannot be kept', error);
  }

  const read = (): State => {
    try {
      return conf?.store ?? {};
    } catch (error) {
      tell('state.json cannot be read', error);
      return {};
    }
  };

  return {
    read,
    change(work) {
      if (conf === null) return;
      try {
        const unlock = lock(`${conf.path}.lock`);
        try {
          broken = false;
          const before = read();
          if (broken) {
            copyFileSync(conf.path, `${conf.path}.broken`);
            tell('state.json was not readable; it is kept as state.json.broken');
          }
          const after = work(before);
          const kept = typeof before.version === 'number' ? before.version : version;
          if (after !== before) conf.store = { ...after, version: Math.max(kept, version) };
        } finally {
          unlock();
        }
      } catch (error) {
        tell('state.json cannot be written', error);
      }
    },
  };
}

/**
 * Takes the lock file, waiting for it on the spot: it is held for milliseconds. Without it in the end all the same, because a
 * change that may be lost is better than one that surely is. Returns its release.
 */
function lock(path: string): () => void {
  const deadline = Date.now() + lockPatienceMs;
  for (;;) {
    try {
      closeSync(openSync(path, 'wx'));
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (Date.now() > deadline) return () => undefined;
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > lockStaleMs) rmSync(path, { force: true });
    else pause(lockPauseMs);
  }
}

function pause(ms: number): void {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  } catch {
    // A thread that must not sleep tries again at once.
  }
}
