/** A file with one JSON object that several copies of the app read and change. */

import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createAlarm } from '#common/timer.ts';
import { createLock } from './lock.ts';
import { closeFolder, hasLeftovers, removeLeftovers, replaceFileSync } from './replace.ts';

export type State = Readonly<Record<string, unknown>>;

/** What a file holds: null where there is none, or none that is an object. */
export type StateWork = (state: State | null) => State | null;

export interface SharedFile {
  readonly path: string;
  /** What the file holds now, with the changes of this copy that it does not have yet. Never throws. */
  read(): State | null;
  /** Why nothing can be read where there is a file: `broken` is one that is not a JSON object. Null: all is well. Never throws. */
  trouble(): Trouble | null;
  /**
   * Reads the file, changes and writes it, with no other copy in between: at once where no other copy holds the lock. The work
   * must depend on nothing but the state, and gives that back to change nothing. A file that is not JSON is kept beside it.
   * Rejects with what the file system says; the change then stays in `read` and is written with the next one.
   */
  change(work: StateWork): Promise<void>;
  /** Resolves when nothing is under way; never rejects. */
  settle(): Promise<void>;
}

export type Trouble =
  | { readonly kind: 'broken' }
  | { readonly kind: 'unreadable'; readonly error: NodeJS.ErrnoException };

const retryMs = 5;

/** Opens nothing yet but removes what a crash has left beside it. `onBroken` is called with the copy of a broken file. Never throws. */
export function openSharedFile(path: string, onBroken: (kept: string) => void = () => undefined): SharedFile {
  const lock = createLock(`${path}.lock`);
  const waiting = createWaitingChanges();
  const retry = createAlarm();
  let settled: Promise<void> = Promise.resolve();

  const write = (): void => {
    const { state, trouble } = readObject(path);
    if (trouble?.kind === 'unreadable') throw trouble.error;
    if (trouble?.kind === 'broken') {
      copyFileSync(path, `${path}.broken`);
      onBroken(`${path}.broken`);
    }
    const after = waiting.applyTo(state);
    if (after !== null && after !== state)
      replaceFileSync(path, `${JSON.stringify(after, undefined, '\t')}\n`);
  };

  /** Goes on later where another copy has the lock: it holds that for milliseconds, and the caller does not wait for it. */
  const flush = (): void => {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const release = lock.attempt();
      if (release === null) {
        retry.after(retryMs, flush);
        return;
      }
      try {
        removeLeftovers(path);
        write();
      } finally {
        release();
      }
      waiting.written();
    } catch (error) {
      waiting.failed(error, () => readObject(path).state);
    }
  };

  const change = (work: StateWork): Promise<void> => {
    const done = waiting.add(work);
    settled = Promise.allSettled([settled, done]).then(() => undefined);
    if (!retry.isSet()) flush();
    return done;
  };

  closeFolder(dirname(path));
  if (hasLeftovers(path)) change((state) => state).catch(() => undefined);
  return {
    path,
    read: () => waiting.applyTo(readObject(path).state),
    trouble: () => readObject(path).trouble,
    change,
    settle: () => settled,
  };
}

/** Changes that could not be written: beyond these they are one, on top of what the file held. */
const mostUnwritten = 100;

interface Change {
  readonly work: StateWork;
  /** Null once its caller has heard of the failure. */
  readonly done: { resolve(): void; reject(error: unknown): void } | null;
}

/** The changes that the file does not have yet, in their order. */
function createWaitingChanges() {
  let changes: readonly Change[] = [];

  const applyTo = (state: State | null): State | null => changes.reduce((now, { work }) => work(now), state);

  return {
    applyTo,
    /** Settles when the change is written, or could not be. */
    add: (work: StateWork): Promise<void> =>
      new Promise((resolve, reject) => {
        changes = [...changes, { work, done: { resolve, reject } }];
      }),
    written(): void {
      const written = changes;
      changes = [];
      for (const { done } of written) done?.resolve();
    },
    /** Keeps them for the next time. */
    failed(error: unknown, read: () => State | null): void {
      for (const { done } of changes) done?.reject(error);
      changes = changes.map(({ work }) => ({ work, done: null }));
      if (changes.length <= mostUnwritten) return;
      const together = applyTo(read());
      changes = [{ work: (state) => (together === null ? state : { ...state, ...together }), done: null }];
    },
  };
}

function readObject(path: string): { readonly state: State | null; readonly trouble: Trouble | null } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (caught) {
    const error = caught as NodeJS.ErrnoException;
    const isThere = !['ENOENT', 'ENOTDIR'].includes(error.code ?? '');
    return { state: null, trouble: isThere ? { kind: 'unreadable', error } : null };
  }
  try {
    // Some editors and shells begin a file with a byte order mark.
    const parsed: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return { state: { ...parsed }, trouble: null };
  } catch {
    // Said below, like everything else that is not an object.
  }
  return { state: null, trouble: { kind: 'broken' } };
}
