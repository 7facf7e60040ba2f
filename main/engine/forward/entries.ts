import type { ForwardId } from '#common/ids.ts';
import type { OpenForward } from './forward.ts';

export interface Entry {
  readonly forward: Promise<OpenForward>;
  /** Resolves when it is closed; null while it is open. */
  closing: Promise<void> | null;
}

/** The forwards that are open, or are about to be: one for a target. */
export interface Entries {
  get(id: ForwardId): Entry | undefined;
  /** One that does not come to be leaves `before` in its place. */
  enter(id: ForwardId, forward: Promise<OpenForward>, before?: Entry): Entry;
  /** Closes it; resolves when that is done. An unknown one is no error. */
  drop(id: ForwardId): Promise<void>;
  ids(): readonly ForwardId[];
  each(act: (forward: OpenForward) => void): void;
}

/** `onDropped` is called when one is closed. */
export function createEntries(onDropped: (id: ForwardId) => void): Entries {
  const entries = new Map<ForwardId, Entry>();

  const drop = async (id: ForwardId, entry: Entry): Promise<void> => {
    // One that has never been open rejects.
    const forward = await entry.forward.catch(() => null);
    await forward?.close();
    if (entries.get(id) !== entry) return;
    entries.delete(id);
    onDropped(id);
  };

  return {
    get: (id) => entries.get(id),
    enter(id, forward, before) {
      const entry: Entry = { forward, closing: null };
      entries.set(id, entry);
      forward.catch(() => {
        if (before === undefined) entries.delete(id);
        else entries.set(id, before);
      });
      return entry;
    },
    drop(id) {
      const entry = entries.get(id);
      if (entry === undefined) return Promise.resolve();
      entry.closing ??= drop(id, entry);
      return entry.closing;
    },
    ids: () => [...entries.keys()],
    each(act) {
      for (const { forward } of entries.values()) forward.then(act).catch(() => undefined);
    },
  };
}
