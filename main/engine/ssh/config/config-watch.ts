import { stat } from 'node:fs/promises';
import { createAlarm } from '#common/timer.ts';
import { createFolderWatch } from './folder-watch.ts';
import { expandGlob } from './glob.ts';

/** What a change means: `config` is to be read again; the others may let in where a key was missing or not known. */
export type WatchGroup = 'config' | 'knownHosts' | 'keys';

/** What to watch, as absolute paths. Nothing of it need exist. */
export interface WatchedFiles {
  /** The configuration's top file and every file that was read with it. */
  readonly config: readonly string[];
  /** What its Includes name, as globs: a file that comes or goes there is a change of `config`. */
  readonly includes: readonly string[];
  readonly knownHosts: readonly string[];
  readonly keys: readonly string[];
}

export interface WatchOptions {
  /**
   * Called with the groups that changed, never while an earlier call is pending, and the list of files is asked for anew
   * when it is done. Must not reject.
   */
  readonly onChange: (changed: ReadonlySet<WatchGroup>) => void | Promise<void>;
  /** How long nothing must happen before a burst of events is over; default 200 ms. */
  readonly quietMs?: number;
  /** How often to look without any event, as there are none from network file systems; default 15 s. */
  readonly pollMs?: number;
  /** When the files were read, if that was before: what was written since then has changed. */
  readonly readAtMs?: number;
  /** False asks the system for no events. */
  readonly events?: boolean;
}

export interface FileWatch {
  /** Looks now: after a wake, or when other files are to be watched. Resolves when what was found has been reported. */
  look(): Promise<void>;
  /** Ends everything; nothing is reported after it. Safe to call twice. */
  close(): void;
}

/** A burst that does not end is looked at all the same, after so many times `quietMs`. */
const maxBurst = 25;
/** The clock that stamps files goes in steps of up to 10 ms. */
const clockStepMs = 20;

/**
 * Watches files for changes: written, replaced by another one, gone, come, or led elsewhere by a link. A file that was
 * touched counts as changed; its content is never read. A caller that reads the files only after the first `look` misses nothing:
 * a file that is listed later counts as changed if it is younger than the reading that named it. Keeps no process running.
 */
export function watchFiles(files: () => WatchedFiles, options: WatchOptions): FileWatch {
  const { onChange, quietMs = 200, pollMs = 15_000, events = true } = options;
  const poll = createAlarm({ background: true });
  const comparison = createComparison(options.readAtMs ?? Number.POSITIVE_INFINITY);
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  let closed = false;

  const lookOnce = async (): Promise<void> => {
    const wanted = files();
    // Before the files are compared, so that what happens from now on is either seen or heard of.
    if (events) {
      // Each host names the same ones.
      const paths = new Set([...wanted.config, ...wanted.knownHosts, ...wanted.keys]);
      await folders.follow([...paths], wanted.includes);
    }
    if (closed) return;
    const changed = await comparison.changed(wanted);
    if (closed || changed.size === 0) return;
    await onChange(changed);
    lookAgain = true;
  };

  const lookUntilDone = async (): Promise<void> => {
    poll.cancel();
    try {
      do {
        lookAgain = false;
        await lookOnce();
      } while (lookAgain && !closed);
    } finally {
      looking = null;
      if (!closed) poll.after(pollMs, () => void look());
    }
  };

  const look = (): Promise<void> => {
    if (closed) return Promise.resolve();
    if (looking !== null) lookAgain = true;
    looking ??= lookUntilDone();
    return looking;
  };

  const burst = createBurst(quietMs, () => void look());
  const folders = createFolderWatch(burst.onEvent);
  void look();
  return {
    look,
    close() {
      closed = true;
      poll.cancel();
      burst.close();
      folders.close();
    },
  };
}

/** Compares the files with how they were at the latest look. `readAtMs`: when the reading began that the first list is from. */
function createComparison(readAtMs: number) {
  let known = new Map<string, string>();
  let since = readAtMs;
  return {
    async changed(wanted: WatchedFiles): Promise<Set<WatchGroup>> {
      const changed = new Set<WatchGroup>();
      const found = new Map<string, string>();
      for (const { group, path, isGlob } of listed(wanted)) {
        const { text, changedAtMs } = await (isGlob ? signGlob(path) : signFile(path));
        const key = `${isGlob ? 'glob' : group} ${path}`;
        const before = known.get(key);
        if (before === undefined ? changedAtMs > since - clockStepMs : before !== text) changed.add(group);
        found.set(key, text);
      }
      known = found;
      if (changed.size > 0 || since === Number.POSITIVE_INFINITY) since = Date.now();
      return changed;
    },
  };
}

type Burst =
  | { readonly kind: 'none' }
  | { readonly kind: 'under way'; readonly sinceMs: number }
  | { readonly kind: 'closed' };

/** Calls `onQuiet` when a burst of events is over, or has lasted too long. */
function createBurst(quietMs: number, onQuiet: () => void) {
  const quiet = createAlarm({ background: true });
  let state: Burst = { kind: 'none' };
  return {
    onEvent(): void {
      if (state.kind === 'closed') return;
      if (state.kind === 'none') state = { kind: 'under way', sinceMs: Date.now() };
      if (quiet.isSet() && Date.now() - state.sinceMs > maxBurst * quietMs) return;
      quiet.after(quietMs, () => {
        state = { kind: 'none' };
        onQuiet();
      });
    },
    close(): void {
      state = { kind: 'closed' };
      quiet.cancel();
    },
  };
}

interface Listed {
  readonly group: WatchGroup;
  readonly path: string;
  readonly isGlob: boolean;
}

function* listed({ config, includes, knownHosts, keys }: WatchedFiles): Generator<Listed> {
  for (const path of new Set(config)) yield { group: 'config', path, isGlob: false };
  for (const path of new Set(includes)) yield { group: 'config', path, isGlob: true };
  for (const path of new Set(knownHosts)) yield { group: 'knownHosts', path, isGlob: false };
  for (const path of new Set(keys)) yield { group: 'keys', path, isGlob: false };
}

interface Signature {
  /** Another one exactly when something has changed. */
  readonly text: string;
  readonly changedAtMs: number;
}

async function signFile(path: string): Promise<Signature> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return { text: [dev, ino, size, mtimeNs, ctimeNs].join(':'), changedAtMs: Number(ctimeNs / 1_000_000n) };
  } catch (error) {
    // Why it cannot be seen is part of it: a file whose folder was opened up has changed for us.
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { text: code, changedAtMs: 0 };
  }
}

/** One after the other: where the disk hangs, one thread of the pool waits for it and not all. */
async function signGlob(glob: string): Promise<Signature> {
  const parts: string[] = [];
  let changedAtMs = 0;
  for (const path of await expandGlob(glob)) {
    const signature = await signFile(path);
    parts.push(path, signature.text);
    changedAtMs = Math.max(changedAtMs, signature.changedAtMs);
  }
  return { text: parts.join('\n'), changedAtMs };
}
